"""Evidence and explanation: every operand of a condition at a moment, what it was before, how far from flipping."""

from crypto_portfolio_analyzer.core.alerts import AlertState, Evidence, Explanation, Leaf, Operand, Silence
from crypto_portfolio_analyzer.core.conditions import tree
from crypto_portfolio_analyzer.core.conditions.spelling import spell_question, spell_value
from crypto_portfolio_analyzer.core.judging.case import Case
from crypto_portfolio_analyzer.core.judging.compiling import LeafQuestion
from crypto_portfolio_analyzer.core.judging.moment import Moment
from crypto_portfolio_analyzer.core.judging.operands import BarOperand, TickOperand
from crypto_portfolio_analyzer.core.judging.operands import Operand as Asked
from crypto_portfolio_analyzer.core.judging.questions import Edge, Level


def known(value: float) -> float | None:
    """Return a value, None if it is unknown."""
    return None if value != value else value  # noqa: PLR0124  # NaN


def evidence_of(case: Case, moment: Moment) -> Evidence:
    """Return everything needed to see afterwards why a condition was true at a moment."""
    seen = [(question, node, _sides(case, question, node, moment)) for question, node in case.plan.leaves]
    series = [side for _, _, sides in seen for value, side in sides if not isinstance(value, tree.Number)]
    bars = [slot.seen for slot in case.plan.slots]
    note = "somewhere within the bar: only its open, high, low and close are known"
    return Evidence(
        sentence=sentence_of(case),
        leaves=tuple(_leaf(case, question, node, sides) for question, node, sides in seen),
        values={side.text: side.value for side in series},
        before={side.text: side.before for side in series},
        venue=moment.venue,
        trade_id=moment.trade_id,
        bar_open_at=moment.bar.open_at if moment.bar is not None else None,
        warmed_with=min(bars) if bars else None,
        note=note if moment.approximated else "",
    )


def leaves_of(case: Case, moment: Moment) -> tuple[Leaf, ...]:
    """Return every question of a condition with its sides at a moment."""
    return tuple(
        _leaf(case, question, node, _sides(case, question, node, moment))
        for question, node in case.plan.leaves
    )


def sentence_of(case: Case) -> str:
    """Return the condition with its subject."""
    return f"{case.subject.symbol}: {case.condition.spelling}"


Side = tuple[tree.Value | None, Operand]
"""A value of the tree with what it is and was; a move's start is written nowhere."""


def _sides(case: Case, question: LeafQuestion, node: Level | Edge, moment: Moment) -> list[Side]:
    values, own = _values(question), _own(case)
    sides: list[Side] = []
    for value, operand in zip(values, node.operands, strict=True):
        text = _text(value, own)
        sides.append((value, Operand(text, known(operand.value(moment)), known(operand.before(moment)))))
    return sides


def _text(value: tree.Value | None, own: str | None) -> str:
    if value is None:
        return "at the start"
    return value.text if isinstance(value, tree.Number) else spell_value(value, own)


def _values(question: LeafQuestion) -> tuple[tree.Value | None, ...]:
    """Return the values a question compares, as they are in its operands."""
    match question:
        case tree.Comparison(_, left, right) | tree.Cross(_, left, right):
            return left, right
        case tree.Range(_, value, low, high) | tree.RangeEdge(_, value, low, high):
            return value, low, high
        case tree.Move():
            return None, question.value, question.amount
        case tree.Flag(value):
            return (value,)


def _own(case: Case) -> str | None:
    """Return the timeframe that the condition's own spelling leaves out, if it does."""
    timeframe = case.condition.timeframe
    return None if f" on {timeframe}" in case.condition.spelling else timeframe


def _leaf(case: Case, question: LeafQuestion, node: Level | Edge, sides: list[Side]) -> Leaf:
    shown = [side for _, side in sides]
    pairs = zip(shown, node.operands, strict=True)
    is_whole = question is case.condition.question
    return Leaf(
        text=case.condition.spelling if is_whole else spell_question(question, _own(case)),
        holds=node.last,
        left=shown[0],
        right=shown[1] if len(shown) > 1 else None,
        distance=_distance([side.value for side in shown], question),
        missing="; ".join(_why(side.text, operand) for side, operand in pairs if side.value is None),
    )


def _distance(values: list[float | None], question: LeafQuestion) -> float | None:
    """Return how far the left side is from the nearest boundary."""
    numbers = [value for value in values if value is not None]
    if len(numbers) < len(values) or isinstance(question, tree.Flag):
        return None
    if isinstance(question, tree.Move):
        start, now, amount = numbers
        by = 100 * (now - start) / abs(start) if question.is_percent and start else now - start
        return amount - (abs(by) if question.direction is tree.Direction.EITHER else _signed(by, question))
    value, *bounds = numbers
    return min(abs(bound - value) for bound in bounds)


def _signed(by: float, move: tree.Move) -> float:
    return by if move.direction is tree.Direction.UP else -by


def _why(text: str, operand: Asked) -> str:
    if isinstance(operand, BarOperand) and operand.slot.seen < operand.slot.needs:
        return f"{text} has seen {operand.slot.seen} of the {operand.slot.needs} bars it needs"
    if isinstance(operand, TickOperand):
        return f"{text} is not known yet"
    return f"{text} cannot be computed"


def explain(case: Case, moment: Moment, silence: Silence | None) -> Explanation:
    """Return why a case has or has not fired; what nothing has touched yet is asked now, without a trace."""
    if case.plan.question.rest() is not None:
        return _explained(case, moment, silence)
    with case.peeking():
        case.plan.question.answer(moment)
        return _explained(case, moment, silence)


def _explained(case: Case, moment: Moment, silence: Silence | None) -> Explanation:
    standing = case.standing
    missing = [f"{slot.seen} of {slot.needs} bars" for slot in case.plan.slots if slot.seen < slot.needs]
    return Explanation(
        alert_id=case.alert.id,
        symbol=case.subject.symbol,
        state=standing.state,
        reason=standing.reason,
        sentence=sentence_of(case),
        holds=case.plan.question.rest(),
        leaves=leaves_of(case, moment),
        warm_up=", ".join(missing),
        cooldown_until=standing.cooldown_until if standing.state is AlertState.COOLDOWN else None,
        silenced_until=silence.ends_at if silence is not None else None,
        suppressed=standing.suppressed,
        nearest_percent=_nearest(case, moment),
    )


def _nearest(case: Case, moment: Moment) -> float | None:
    """Return how far the price is from its nearest boundary, in percent of the price."""
    series = case.subject.price
    price = case.subject.state.price
    if series is None or not price:
        return None
    bounds = [bound.value(moment) for each, bound in case.plan.arms if each is series]
    away = [100 * abs(bound - price) / price for bound in bounds if known(bound) is not None]
    return min(away, default=None)
