"""The words of one firing: the lock screen's line, what decided, and what is read only by who wants to."""

from collections.abc import Iterator

from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.core.formats import DOWN, UP
from crypto_portfolio_analyzer.core.notices.deciding import condition_of, moved_by, price_before, values_of
from crypto_portfolio_analyzer.core.notices.graphemes import cut, width
from crypto_portfolio_analyzer.core.notices.markup import clean
from crypto_portfolio_analyzer.core.notices.placeholders import Told

HEADLINE = 64
"""Characters that a lock screen shows."""
LINE = 120
SEVERITIES = {Severity.INFO: "\u2139\ufe0f", Severity.WARNING: "⚠️", Severity.CRITICAL: "🚨"}
APPROXIMATED = "≈"
SHORT_ID = 6
_LEAST_CONDITION = 8


def headline(told: Told, *, is_repeat: bool, limit: int = HEADLINE) -> str:
    """Return marks, symbol, direction, price and condition, together at most `limit` characters.

    The condition is cut first; that it is a repetition never is.
    """
    firing, sentences = told.firing, told.reader.sentences
    price = told.reader.price(firing.price)
    head = (*marks(told), clean(firing.symbol, "symbol"), arrow(told))
    start = " ".join(filter(None, (*head, APPROXIMATED + price if firing.approximated else price)))
    end = f" {sentences.repeat}" if is_repeat else ""
    room = limit - width(start) - width(end) - 1
    condition = clean(condition_of(firing, told.alert, told.reader), "headline")
    middle = f" {cut(condition, room)}" if room >= min(_LEAST_CONDITION, width(condition)) else ""
    return cut(start + middle + end, limit)


def marks(told: Told) -> Iterator[str]:
    """Yield what stands before the symbol: severity, that it is simulated, how late it is."""
    sentences, firing = told.reader.sentences, told.firing
    yield SEVERITIES[told.alert.severity]
    if told.simulated:
        yield sentences.simulated
    if firing.late:
        yield sentences.late.format(told.reader.age(firing.detected_at - firing.event_at))


def arrow(told: Told) -> str:
    """Return which way the price went, as far as the evidence knows."""
    before = price_before(told.firing)
    move = moved_by(told.firing)
    if move is None and before is not None:
        move = told.firing.price - before
    return "" if not move else UP if move > 0 else DOWN


def lines(told: Told, change: float | None) -> Iterator[str]:
    """Yield what decided, with the change over 24 hours where it is known, and where and when it happened."""
    reader, firing, sentences = told.reader, told.firing, told.reader.sentences
    values = list(values_of(firing, told.alert, reader))
    if change is not None:
        values.append(sentences.day.format(reader.change(change)))
    if values:
        yield cut(" · ".join(values), LINE)
    venue = clean(firing.evidence.venue, "name").capitalize()
    yield " · ".join((venue, moment_of(told), _how_fast(told)))


def moment_of(told: Told) -> str:
    """Return when it happened; within which bar, if that is all that is known."""
    firing = told.firing
    if not firing.approximated:
        return told.reader.moment(firing.event_at)
    opened = firing.evidence.bar_open_at
    return told.reader.sentences.within.format(
        told.reader.moment(firing.event_at if opened is None else opened)
    )


def more(told: Told, first_line: str) -> Iterator[str]:
    """Yield a condition too long for the first line, the price before, and which alert with which firing."""
    before, sentences, alert = price_before(told.firing), told.reader.sentences, told.alert
    condition = clean(condition_of(told.firing, alert, told.reader), "headline")
    if condition not in first_line:
        yield condition
    if before is not None:
        yield sentences.before.format(told.reader.price(before))
    short = told.firing.id[:SHORT_ID]
    name = clean(alert.name, "name")
    yield f"{sentences.revision.format(name, told.firing.revision)} · {short}" if name else short


def _how_fast(told: Told) -> str:
    sentences, firing = told.reader.sentences, told.firing
    if firing.late:
        return sentences.causes[firing.cause]
    return sentences.decided.format(told.reader.span(firing.detected_at - firing.event_at))
