"""The board: every wanted bar series of every subject, each computed once however many ask for it.

Equal parts of wanted values share a node, counted by reference. Computations take closed bars in the order they
were made, so that a source is always before what is taken of it. The common indicators of many subjects stand in
columns (`tables`) and are advanced together.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.conditions.tree import (
    Arithmetic,
    Function,
    Negated,
    Number,
    Series,
    Value,
    Window,
)
from crypto_portfolio_analyzer.core.judging.charts import Chart, Group, Key, Part, replay, update_together
from crypto_portfolio_analyzer.core.judging.nodes import (
    Calculation,
    Computation,
    Elsewhere,
    Expression,
    Literal,
    Memory,
    Node,
    Output,
)
from crypto_portfolio_analyzer.core.judging.reckoning import FUNCTIONS, OPERATORS, WINDOWS, negated
from crypto_portfolio_analyzer.core.judging.tables import Cell, Sheet, Table
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import (
    SERIES,
    UNKNOWN,
    Arguments,
    Calculator,
    ParameterKind,
    SeriesKind,
    Unit,
)
from crypto_portfolio_analyzer.core.series.columns import COLUMNS
from crypto_portfolio_analyzer.core.timeframes import DAY, parse_timeframe
from crypto_portfolio_analyzer.errors import InvalidInput

VALUE, SOURCE, COMPUTATION = "value", "source", "computation"
FIELDS = ("open", "high", "low", "close", "volume", "quote_volume")
"""Bar series that are a field of the bar itself: what a column can be taken of."""
FEW = 16
"""So many subjects are computed one by one before a column is worth its fixed cost."""


class Slot:
    """One wanted bar value of one subject and timeframe."""

    def __init__(self, chart: Chart, key: Key, node: Node, settle: bool) -> None:
        self.chart, self.key = chart, key
        self._node, self._settle = node, settle

    @property
    def value(self) -> float:
        """Return the value at the last closed bar; NaN while unknown."""
        return self._node.now() if not self._settle or self._node.lacks() <= 0 else UNKNOWN

    @property
    def before(self) -> float:
        """Return the value at the closed bar before that one."""
        return self._node.before() if not self._settle or self._node.lacks() < 0 else UNKNOWN

    @property
    def seen(self) -> int:
        """Return how many bars it was computed from."""
        return max(0, self.needs - self._node.lacks())

    @property
    def needs(self) -> int:
        """Return how many bars it needs until it is settled."""
        return self._node.needs

    def peek(self, forming: Bar) -> float:
        """Return what it would be if the forming bar closed now, every part of it taken as live."""
        return self._node.peek(forming) if not self._settle or self._node.lacks() <= 1 else UNKNOWN


class Board:
    """Bar values by (subject, timeframe, value), counted by reference.

    With `settle` a value is unknown until it has seen all the bars it needs, else it counts from TA-Lib's first
    one. With `columnar` the common indicators of many subjects are advanced together.
    """

    def __init__(self, *, settle: bool, columnar: bool) -> None:
        self._settle, self._columnar = settle, columnar
        self._charts: defaultdict[str, dict[str, Chart]] = defaultdict(dict)
        self._busy: defaultdict[str, dict[str, Chart]] = defaultdict(dict)
        self._tables: defaultdict[str, Table] = defaultdict(Table)
        self._sheets: dict[Group, Sheet] = {}
        self._groups = Counter[Group]()

    def want(self, subject: str, value: Value, timeframe: str) -> Slot:
        """Return the slot of a value; its bar series are of `timeframe` and `subject` where they do not say."""
        chart = self._chart(subject, timeframe)
        key, node = self._hold(chart, VALUE, value)
        return Slot(chart, key, node, self._settle)

    def release(self, slot: Slot) -> None:
        """Take one wish back; the last one drops the series and all it alone needed."""
        self._let(slot.chart, slot.key)

    def timeframes(self, subject: str) -> Sequence[str]:
        """Return the timeframes that are wanted of a subject."""
        return list(self.history(subject))

    def history(self, subject: str) -> Mapping[str, int]:
        """Return the timeframes that are wanted of a subject, each with how many bars its slowest value needs."""
        return {timeframe: chart.reach() for timeframe, chart in self._charts.get(subject, {}).items()}

    def seed(self, subject: str, timeframe: str, bars: Sequence[Bar]) -> None:
        """Begin anew with history, oldest first, for every slot of the subject and timeframe."""
        chart = self._charts.get(subject, {}).get(timeframe)
        if chart is None:
            return
        if chart.neighbours:
            chart.past = list(bars)
            replay(chart.family())
        else:
            chart.seed(bars)
        for each in chart.family():
            self._note(each)

    def close(self, bars: Sequence[Bar]) -> None:
        """Take bars that closed at one instant, of any subjects and timeframes."""
        groups: defaultdict[str, list[Bar]] = defaultdict(list)
        for bar in bars:
            groups[bar.timeframe].append(bar)
        for timeframe, closed in groups.items():
            if timeframe in self._tables:
                self._tables[timeframe].close(closed)
        bound = []  # after the columns: a cell that enters one now has this bar
        for timeframe, closed in groups.items():
            busy = self._busy[timeframe]
            for bar in closed if busy else ():
                chart = busy.get(bar.symbol)
                if chart is not None and chart.neighbours:
                    bound.append((chart, bar))
                elif chart is not None:
                    chart.update(bar)
                    self._note(chart)
        update_together(bound)

    def _note(self, chart: Chart) -> None:
        """Note whether a chart must be given its bars one by one."""
        if chart.is_busy:
            self._busy[chart.timeframe][chart.subject] = chart
        else:
            self._busy[chart.timeframe].pop(chart.subject, None)

    def _chart(self, subject: str, timeframe: str) -> Chart:
        charts = self._charts[subject]
        return charts.get(timeframe) or charts.setdefault(timeframe, Chart(subject, timeframe))

    def _hold(self, chart: Chart, use: str, value: Value) -> tuple[Key, Node]:
        """Hold the part of a chart that stands for a value, making it if nobody has; return it."""
        if isinstance(value, Series):  # whether the forming bar counts is the asker's affair
            value = replace(value, live=False, subject=None, timeframe=chart.timeframe)
        key = use, value
        part = chart.parts.get(key)
        if part is None:
            part = chart.parts[key] = self._made(chart, use, value)
            self._note(chart)
        part.count += 1
        return key, part.node

    def _let(self, chart: Chart, key: Key) -> None:
        """Let go of a part once; the last one lets go of all that it holds."""
        part = chart.parts[key]
        part.count -= 1
        if part.count:
            return
        del chart.parts[key]
        if part.computation is not None:
            chart.drop(part.computation)
        if part.group is not None:
            self._leave(part.group)
        for holder, held in part.holds:
            self._let(holder, held)
        charts = self._charts.get(chart.subject, {})
        if not chart.parts and chart.timeframe in charts:
            del charts[chart.timeframe]
            if not charts:
                del self._charts[chart.subject]
            for neighbour in chart.neighbours:
                neighbour.neighbours.discard(chart)
            chart.neighbours.clear()
        self._note(chart)

    def _made(self, chart: Chart, use: str, value: Value) -> Part:
        match value:
            case Number():
                return Part(Literal(value.value))
            case Arithmetic():
                return self._expression(chart, use, OPERATORS[value.operator], value.left, value.right)
            case Negated():
                return self._expression(chart, use, negated, value.value)
            case Function():
                return self._expression(chart, use, FUNCTIONS[value.name], *value.values)
            case Window() if not value.back:
                return self._window(chart, value)
            case Series() if not value.back:
                return self._output(chart, use, value)
        holds, node = self._held(chart, SOURCE, replace(value, back=0))
        return _computed(chart, Memory(node, value.back), [holds])

    def _held(self, chart: Chart, use: str, value: Value) -> tuple[tuple[Chart, Key], Node]:
        """Hold what a part needs, on its own chart if it names another subject or timeframe."""
        subject, timeframe = chart.subject, chart.timeframe
        if isinstance(value, Series):
            subject = value.subject or subject
        if isinstance(value, Series | Window):
            timeframe = value.timeframe or timeframe
        home = self._chart(subject, timeframe)
        key, node = self._hold(home, use, value)
        if home is chart:
            return (home, key), node
        chart.neighbours.add(home)
        home.neighbours.add(chart)
        self._note(home)
        return (home, key), Elsewhere(node)

    def _expression(self, chart: Chart, use: str, reckon: Callable[..., float], *values: Value) -> Part:
        held = [self._held(chart, use, value) for value in values]
        return Part(
            Expression(reckon, [node for _holds, node in held]), holds=[holds for holds, _node in held]
        )

    def _window(self, chart: Chart, value: Window) -> Part:
        holds, source = self._held(chart, SOURCE, value.value)
        window, bars = WINDOWS[value.name], value.bars or 1
        calculation = Calculation(lambda: window.make(bars), bars + window.more, 1, source)
        return _computed(chart, calculation, [holds])

    def _output(self, chart: Chart, use: str, value: Series) -> Part:
        """Return one output of a series; all of them share one computation."""
        kind = SERIES[value.kind]
        whole = replace(value, output="", unit=Unit.NUMBER)
        key = f"{use} computation", whole
        part = chart.parts.get(key)
        if part is None:
            part = chart.parts[key] = self._computation(chart, use, whole, kind)
        part.count += 1
        assert part.computation is not None
        return Part(Output(part.computation, kind.output(value.output) or 0), holds=[(chart, key)])

    def _computation(self, chart: Chart, use: str, value: Series, kind: SeriesKind) -> Part:
        names = [each.name for each in kind.parameters if each.kind is not ParameterKind.SERIES]
        arguments = dict(zip(names, value.arguments, strict=True))
        days = -(-kind.days * DAY // parse_timeframe(chart.timeframe).length)
        history = max(kind.history(arguments), days)
        group = self._group(chart, value) if use == VALUE and self._columnar else None
        if group is not None and self._join(group):
            return _computed(chart, Cell(self._sheet(group, arguments), chart.subject, history), group=group)
        held, source = [], None
        if value.source is not None:
            holds, source = self._held(chart, SOURCE, value.source)
            held = [holds]
        calculation = Calculation(_maker(kind, arguments), history, len(kind.outputs), source)
        return _computed(chart, calculation, held, group)

    def _group(self, chart: Chart, value: Series) -> Group | None:
        """Return which column a series belongs to; None if it has no columnar form."""
        field = _field(chart, value.source)
        has_column = value.kind in COLUMNS and field
        return (chart.timeframe, value.kind, value.arguments, field) if has_column else None

    def _join(self, group: Group) -> bool:
        """Count one more of a group; tell whether it goes into the column."""
        self._groups[group] += 1
        return self._groups[group] > FEW

    def _leave(self, group: Group) -> None:
        """Count one fewer of a group; the last one takes the column with it."""
        self._groups[group] -= 1
        if not self._groups[group]:
            del self._groups[group]
            sheet = self._sheets.pop(group, None)
            if sheet is not None:
                self._tables[group[0]].sheets.remove(sheet)

    def _sheet(self, group: Group, arguments: Arguments) -> Sheet:
        """Return the column of a group, made if there is none yet."""
        timeframe, kind, _arguments, field = group
        if group not in self._sheets:
            formula, table = COLUMNS[kind](arguments), self._tables[timeframe]
            fields = tuple(field if each == "source" else each for each in formula.inputs)
            self._sheets[group] = Sheet(table, formula, fields)
            table.sheets.append(self._sheets[group])
        return self._sheets[group]


def _computed(
    chart: Chart,
    computation: Computation,
    holds: Sequence[tuple[Chart, Key]] = (),
    group: Group | None = None,
) -> Part:
    """Return the part of a computation that takes its chart's bars from now on."""
    chart.add(computation)
    return Part(Output(computation, 0), computation, holds, group)


def _maker(kind: SeriesKind, arguments: Arguments) -> Callable[[], Calculator]:
    make = kind.make
    if make is None:
        raise InvalidInput(f"{kind.name!r} is no bar series; a board holds bar series only")
    return lambda: make(arguments)


def _field(chart: Chart, source: Value | None) -> str:
    """Return the bar's field that a source is; empty if it is more than that."""
    if source is None:
        return "close"
    if not isinstance(source, Series) or source.kind not in FIELDS or source.back or source.subject:
        return ""
    return source.kind if source.timeframe in (None, chart.timeframe) else ""
