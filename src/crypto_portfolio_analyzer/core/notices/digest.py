"""Digests: many firings in one message, with direction, top movers and breadth."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.core.formats import DOWN, UP
from crypto_portfolio_analyzer.core.notices.deciding import moved_by
from crypto_portfolio_analyzer.core.notices.firing_words import arrow
from crypto_portfolio_analyzer.core.notices.firing_words import headline as heading
from crypto_portfolio_analyzer.core.notices.graphemes import cut
from crypto_portfolio_analyzer.core.notices.markup import clean
from crypto_portfolio_analyzer.core.notices.placeholders import Told
from crypto_portfolio_analyzer.core.notices.reader import Reader

ROWS = 10
ROOM = 300
"""Characters of all rows together: a chat throttles longer messages sooner."""
MOVERS = 3
LONG_SPAN = 600 * 10**9
"""Above it each row says when."""
_ROW = 48
"""Characters of one row; that all of it is simulated stands above."""
_HEADLINE = 200
_FALLING, _RISING, _MIXED = "📉", "📈", "🔔"
_ORDER = tuple(Severity)


def headline(
    tolds: Sequence[Told], moves: Mapping[str, float], breadth: tuple[int, int] | None, *, is_repeat: bool
) -> str:
    """Return how many alerts in which span, how broad the move is, and who moved most."""
    reader, sentences = tolds[0].reader, tolds[0].reader.sentences
    by_symbol = movements(tolds, moves)
    arrows = [arrow(told) for told in tolds]
    falls, rises = arrows.count(DOWN), arrows.count(UP)
    mark = _FALLING if falls > rises else _RISING if rises > falls else _MIXED
    start = " ".join((mark, *([sentences.simulated] if tolds[0].simulated else [])))
    parts = [f"{start} {sentences.digest.format(reader.count(len(tolds)), reader.age(span(tolds)))}"]
    if breadth is not None and mark != _MIXED:
        parts.append(_breadth(breadth, reader, is_falling=mark == _FALLING))
    parts += _movers(by_symbol, reader, is_falling=mark == _FALLING)
    return cut(" · ".join(parts) + (f" {sentences.repeat}" if is_repeat else ""), _HEADLINE)


def rows(tolds: Sequence[Told]) -> tuple[str, ...]:
    """Return a row for each firing, the most severe and then the oldest first, as far as there is room."""
    sentences, shown, used = tolds[0].reader.sentences, list[str](), 0
    says_when = span(tolds) > LONG_SPAN
    for told in sorted(tolds, key=lambda each: (-_ORDER.index(each.alert.severity), each.firing.event_at)):
        when = f"{told.reader.moment(told.firing.event_at)} " if says_when else ""
        row = when + heading(replace(told, simulated=False), is_repeat=False, limit=_ROW)
        used += len(row)
        if len(shown) == ROWS or (shown and used > ROOM):
            break
        shown.append(row)
    rest = len(tolds) - len(shown)
    return (*shown, *([sentences.further.format(tolds[0].reader.count(rest))] if rest else []))


def movements(tolds: Sequence[Told], moves: Mapping[str, float]) -> dict[str, float]:
    """Return by how many percent each symbol moved, where that is known: over 24 h, else as its condition asked."""
    found: dict[str, float] = {}
    for told in tolds:
        move = moves.get(told.firing.symbol)
        move = moved_by(told.firing) if move is None else move
        if move is not None:
            found[told.firing.symbol] = move
    return found


def span(tolds: Sequence[Told]) -> int:
    """Return the ns from the first event to the last."""
    instants = [told.firing.event_at for told in tolds]
    return max(instants) - min(instants)


def severity(tolds: Sequence[Told]) -> Severity:
    """Return the gravest."""
    return max((told.alert.severity for told in tolds), key=_ORDER.index)


def _breadth(breadth: tuple[int, int], reader: Reader, *, is_falling: bool) -> str:
    rising, falling = breadth
    sentence = reader.sentences.falling if is_falling else reader.sentences.rising
    return sentence.format(reader.count(falling if is_falling else rising), reader.count(rising + falling))


def _movers(by_symbol: Mapping[str, float], reader: Reader, *, is_falling: bool) -> list[str]:
    """Return who moved most in the digest's direction."""
    most = sorted(by_symbol.items(), key=lambda each: each[1], reverse=not is_falling)[:MOVERS]
    if not most:
        return []
    named = ", ".join(
        f"{clean(symbol.partition('/')[0], 'symbol')} {reader.change(move, 1)}" for symbol, move in most
    )
    return [(reader.sentences.worst if is_falling else reader.sentences.best).format(named)]
