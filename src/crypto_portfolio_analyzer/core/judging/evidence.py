"""Evidence and explanation: every operand of a condition at a moment, what it was before, how far from flipping."""

from collections.abc import Iterator

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
    leaves = tuple(leaf_of(question, node, moment, _own(case)) for question, node in case.plan.leaves)
    bar = moment.bar
    seen = [slot.seen for slot in case.plan.slots]
    return Evidence(
        sentence=sentence_of(case),
        leaves=leaves,
        values=dict(_values(case, moment, is_before=False)),
        before=dict(_values(case, moment, is_before=True)),
        venue=moment.venue,
        trade_id=moment.trade_id,
        bar_open_at=bar.open_at if bar is not None else None,
        warmed_with=min(seen) if seen else None,
        note="somewhere within the bar: only its open, high, low and close are known"
        if moment.approximated
        else "",
    )


def sentence_of(case: Case) -> str:
    """Return the condition with its subject."""
    return f"{case.subject.symbol}: {case.condition.spelling}"


def leaf_of(question: LeafQuestion, node: Level | Edge, moment: Moment, timeframe: str | None) -> Leaf:
    """Return one question of a condition with its sides at a moment; `timeframe` goes without saying."""
    texts = _texts(question, timeframe)
    sides = [_operand(text, operand, moment) for text, operand in zip(texts, node.operands, strict=True)]
    left, right = sides[0], sides[1] if len(sides) > 1 else None
    return Leaf(
        text=spell_question(question, timeframe),
        holds=node.last,
        left=left,
        right=right,
        distance=_distance([side.value for side in sides], question),
        missing="; ".join(_why(text, operand) for text, operand, side in zip(texts, node.operands, sides, strict=True)
                          if side.value is None),
    )  # fmt: skip


def _operand(text: str, operand: Asked, moment: Moment) -> Operand:
    return Operand(text, known(operand.value(moment)), known(operand.before(moment)))


def _texts(question: LeafQuestion, timeframe: str | None) -> list[str]:
    spelled = [spell_value(value, timeframe) for value in _sides(question)]
    if isinstance(question, tree.Move):
        return [f"{spelled[0]} at the start", *spelled]
    return spelled


def _sides(question: LeafQuestion) -> tuple[tree.Value, ...]:
    """Return the values a question compares; a move's start is not written."""
    match question:
        case tree.Comparison(_, left, right) | tree.Cross(_, left, right):
            return left, right
        case tree.Range(_, value, low, high) | tree.RangeEdge(_, value, low, high):
            return value, low, high
        case tree.Move():
            return question.value, question.amount
        case tree.Flag(value):
            return (value,)


def _own(case: Case) -> str | None:
    """Return the timeframe that the condition's own spelling leaves out, if it does."""
    timeframe = case.condition.timeframe
    return None if f" on {timeframe}" in case.condition.spelling else timeframe


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


def _values(case: Case, moment: Moment, *, is_before: bool) -> Iterator[tuple[str, float | None]]:
    """Yield every value of the condition by its spelling; literals are no news."""
    own = _own(case)
    for question, node in case.plan.leaves:
        sides = _sides(question)
        for value, operand in zip(sides, node.operands[-len(sides) :], strict=True):
            if not isinstance(value, tree.Number):
                number = operand.before(moment) if is_before else operand.value(moment)
                yield spell_value(value, own), known(number)


def explain(case: Case, moment: Moment, silence: Silence | None) -> Explanation:
    """Return why a case has or has not fired."""
    standing = case.standing
    leaves = tuple(leaf_of(question, node, moment, _own(case)) for question, node in case.plan.leaves)
    missing = [f"{slot.seen} of {slot.needs} bars" for slot in case.plan.slots if slot.seen < slot.needs]
    return Explanation(
        alert_id=case.alert.id,
        symbol=case.subject.symbol,
        state=standing.state,
        reason=standing.reason,
        sentence=sentence_of(case),
        holds=case.plan.question.rest(),
        leaves=leaves,
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
