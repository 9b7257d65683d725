"""Why: what an alert's condition says of the market now, and what it said when it fired."""

from collections.abc import Iterable, Mapping, Sequence

from crypto_portfolio_analyzer.bot.standing import MARKS, name_of, sentence_of, state_text
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.bot.words import Html, Words, joined
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.alerts import Alert, Explanation, Firing, Leaf, Operand
from crypto_portfolio_analyzer.core.notices.graphemes import cut

MOST_LEAVES = 6
MOST_SUBJECTS = 3
_VENUES = 40


def explained(talk: Talk, alert: Alert, told: Sequence[Explanation]) -> Html:
    """Return why an alert has, or has not, fired, for its first symbols."""
    words = talk.words
    lines = [words("why", sentence=sentence_of(alert, words.language))]
    if not told:
        lines.append(words("why.nothing"))
    for each in told[:MOST_SUBJECTS]:
        state = f"{MARKS[each.state]} {each.symbol} {state_text(words, each.state)}"
        lines.append(words("plain", text=state))
        lines += _leaves(words, each.leaves)
        if each.silenced_until is not None:
            lines.append(words("why.silenced", at=talk.reader.moment(each.silenced_until)))
    return joined(*lines)


def evident(talk: Talk, alert: Alert | None, firing: Firing) -> Html:
    """Return the evidence of a firing."""
    words, evidence = talk.words, firing.evidence
    sentence = sentence_of(alert, words.language) if alert is not None else evidence.sentence
    title = words("why", sentence=sentence if alert is None else f"{name_of(alert)}: {sentence}")
    venue = words("why.venue", venue=cut(evidence.venue, _VENUES), at=talk.reader.moment(firing.event_at))
    before = _before(words, evidence.before)
    bar = evidence.bar_open_at
    opened = words("why.bar", at=talk.reader.moment(bar)) if bar is not None else ""
    return joined(title, *_leaves(words, evidence.leaves), before, opened, venue)


def _leaves(words: Words, leaves: Iterable[Leaf]) -> list[Html]:
    return [_leaf(words, each) for each in list(leaves)[:MOST_LEAVES]]


def _leaf(words: Words, leaf: Leaf) -> Html:
    if leaf.holds is None:
        return words("why.unknown", text=leaf.text, missing=leaf.missing or formats.UNKNOWN)
    values = ""
    if leaf.left is not None and leaf.right is not None:
        values = words.plain("why.values", left=_value(words, leaf.left), right=_value(words, leaf.right))
    return words("why.holds" if leaf.holds else "why.fails", text=leaf.text, values=values)


def _before(words: Words, before: Mapping[str, float | None]) -> str:
    known = [
        f"{name} {formats.price(value, language=words.language)}"
        for name, value in before.items()
        if value is not None
    ]
    return words("why.before", values=", ".join(known[:MOST_LEAVES])) if known else ""


def _value(words: Words, operand: Operand) -> str:
    return formats.price(operand.value, language=words.language)
