"""Random checked trees, in the form in which the checker makes them."""

from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.conditions import tree
from crypto_portfolio_analyzer.core.conditions.check import is_momentary
from crypto_portfolio_analyzer.core.conditions.tree import Direction, Number, Question, Series, Value
from crypto_portfolio_analyzer.core.series.catalog import Domain, Unit

TIMEFRAMES = ("1m", "15m", "1h", "1w")
SUBJECTS = (None, None, "ETH/USDT")
NS = 10**9

numbers = st.builds(
    lambda value: Number(float(value), Unit.NUMBER, value),
    st.from_regex(r"[1-9][0-9]{0,4}(\.[0-9]{1,3})?", fullmatch=True),
)
ticks = st.builds(
    lambda kind, subject: Series(kind, "", (), Unit.PRICE, Domain.TICK, subject=subject),
    st.sampled_from(["price", "bid", "high_24h"]),
    st.sampled_from(SUBJECTS),
)
backs = st.sampled_from([0, 0, 0, 1, 10_000])


@st.composite
def bars(draw, timeframe=None, live=None, subject=None, source=True):
    """A bar series in units of price; what is given is fixed."""
    timeframe = timeframe or draw(st.sampled_from(TIMEFRAMES))
    live = draw(st.booleans()) if live is None else live
    kind, output, arguments = draw(
        st.sampled_from(
            [
                ("close", "", ()),
                ("high", "", ()),
                ("sma", "", (20,)),
                ("ema", "", (50,)),
                ("bollinger", "upper", (20, 2.0)),
                ("bollinger", "lower", (20, 2.5)),
                ("macd", "macd", (12, 26, 9)),
                ("vwap", "", (0,)),
                ("vwap", "", (20,)),
                ("pivot", "r1", ("classic",)),
                ("supertrend", "value", (10, 3.0)),
            ]
        )
    )
    inner = None
    if kind in ("sma", "ema", "bollinger", "macd") and source and draw(st.booleans()):
        own = draw(st.sampled_from([timeframe, *TIMEFRAMES]))
        inner = draw(bars(timeframe=own, live=False, subject=subject, source=False))
        if inner == Series("close", "", (), Unit.PRICE, Domain.BAR, timeframe=timeframe, subject=subject):
            inner = None
    return Series(
        kind, output, arguments, Unit.PRICE, Domain.BAR, timeframe, inner, live, draw(backs), subject
    )


@st.composite
def windows(draw):
    """A window over bars of one home, or over a clock."""
    name = draw(st.sampled_from(["highest", "lowest", "avg", "sum", "stdev", "change"]))
    if draw(st.booleans()):
        ns = draw(st.sampled_from([30 * NS, 90 * 60 * NS, 86_400 * NS, NS // 2]))
        return tree.Window(name, draw(ticks), Unit.PRICE, ns=ns)
    home = {
        "timeframe": draw(st.sampled_from(TIMEFRAMES)),
        "live": draw(st.booleans()),
        "subject": draw(st.sampled_from(SUBJECTS)),
    }
    inner = draw(bars(**home))
    if draw(st.booleans()):
        inner = tree.Arithmetic("-", inner, draw(bars(**home)), Unit.PRICE)
    return tree.Window(
        name, inner, Unit.PRICE, bars=draw(st.sampled_from([1, 20])), timeframe=home["timeframe"],
        back=draw(backs),
    )  # fmt: skip


def _sum(operator: str, left: Value, right: Value) -> Value:
    return tree.Arithmetic(operator, left, right, Unit.PRICE)


def _scaled(operator: str, left: Value, factor: Value) -> Value:
    return tree.Arithmetic(operator, left, factor, Unit.PRICE)


values = st.recursive(
    st.one_of(ticks, bars(subject=None), bars(subject="ETH/USDT"), windows()),
    lambda inner: st.one_of(
        st.builds(_sum, st.sampled_from("+-"), inner, inner | numbers),
        st.builds(_scaled, st.sampled_from("*/"), inner, numbers),
        st.builds(lambda value: tree.Negated(value, Unit.PRICE), inner),
        st.builds(lambda value: tree.Function("abs", (value,), Unit.PRICE), inner),
        st.builds(lambda one, other: tree.Function("max", (one, other), Unit.PRICE), inner, inner | numbers),
    ),
    max_leaves=4,
)
limits = numbers | values
spans = st.sampled_from(
    [{"bars": 1}, {"bars": 10_000}, {"ns": 30 * NS}, {"ns": 90 * 60 * NS}, {"ns": 90 * 86_400 * NS}]
)


@st.composite
def ranges(draw):
    """Two ends, the lower one first."""
    if draw(st.booleans()):
        return sorted((draw(numbers), draw(numbers)), key=lambda number: number.value)
    return [draw(values), draw(values)]


def _moved(direction: Direction, value: Series, amount: Number, is_percent: bool, span: int) -> Question:
    if is_percent:
        amount = Number(min(amount.value, 99.0), Unit.PERCENT, f"{min(amount.value, 99.0):g}%")
        amount = Number(float(amount.text[:-1]), Unit.PERCENT, amount.text)
    length = {"bars": span, "timeframe": value.timeframe} if value.timeframe else {"ns": span * NS}
    return tree.Move(direction, value, amount, is_percent, **length)


directions = st.sampled_from(Direction)
flags = st.builds(
    lambda timeframe, name: tree.Flag(
        Series("candle", "", (name,), Unit.FLAG, Domain.BAR, timeframe=timeframe)
    ),
    st.sampled_from(TIMEFRAMES),
    st.sampled_from(["hammer", "doji"]),
)
levels = st.one_of(
    st.builds(tree.Comparison, st.sampled_from([">", ">=", "<", "<="]), values, limits),
    st.builds(lambda inside, value, ends: tree.Range(inside, value, *ends), st.booleans(), values, ranges()),
    st.builds(_moved, directions, bars(subject=None) | ticks, numbers, st.booleans(), st.integers(1, 9)),
    flags,
)
leaves = st.one_of(
    levels,
    st.builds(tree.Cross, directions, values, limits),
    st.builds(
        lambda entering, value, ends: tree.RangeEdge(entering, value, *ends), st.booleans(), values, ranges()
    ),
)


def _joined(kind: type[tree.And] | type[tree.Or], parts: list[Question]) -> Question:
    flat = [each for part in parts for each in (part.questions if isinstance(part, kind) else (part,))]
    return kind(tuple(flat))


def _held(question: Question, span: dict[str, int]) -> Question:
    kind = tree.Recent if is_momentary(question) else tree.Held
    return kind(question, **span)


def _nested(inner: st.SearchStrategy[Question]) -> st.SearchStrategy[Question]:
    joined = st.builds(_joined, st.sampled_from([tree.And, tree.Or]), st.lists(inner, min_size=2, max_size=3))
    return st.one_of(
        joined,
        joined,
        joined,
        st.builds(tree.Not, inner),
        st.builds(lambda parts: tree.AtLeast(1, tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(_held, inner, spans),
        st.builds(lambda question, span: tree.Recent(question, **span), inner, spans),
        st.builds(lambda one, other, span: tree.Sequence(one, other, **span), inner, inner, spans),
    )


questions = st.recursive(leaves, _nested, max_leaves=4)
"""Of every kind."""
_price = Series("price", "", (), Unit.PRICE, Domain.TICK)
_five = Number(5.0, Unit.NUMBER, "5")
nested = st.recursive(
    st.sampled_from([tree.Comparison(">", _price, _five), tree.Cross(Direction.UP, _price, _five)]),
    _nested,
    max_leaves=8,
)
"""Of two plain questions, in every way they can be put together."""
