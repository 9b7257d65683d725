"""Back-tests: what a condition would have done over bars of the past, decided by the judge that runs live."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Alert, Firing, Rearm, Trigger
from crypto_portfolio_analyzer.core.conditions.tree import Condition, Series, nodes_of
from crypto_portfolio_analyzer.core.folding import Folding
from crypto_portfolio_analyzer.core.judging.judge import Judge, path_of
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import Domain
from crypto_portfolio_analyzer.core.timeframes import open_of
from crypto_portfolio_analyzer.engine.outcomes import Outcome, outcomes
from crypto_portfolio_analyzer.errors import InvalidInput

_OWNER = "backtest"


class Candidate(Struct, frozen=True, kw_only=True):
    """A condition and how it would fire. Without a trigger: each time where a tick series occurs, else at closes."""

    condition: Condition
    trigger: Trigger | None = None
    cooldown: int = 0
    rearm: Rearm | None = None
    fresh: bool = False


class PastFiring(Struct, frozen=True):
    """When it would have fired: the instant, the price, the bar of the alert's timeframe, every series."""

    event_at: int
    price: float
    bar_open_at: int
    values: Mapping[str, float | None]
    approximated: bool


class Hole(Struct, frozen=True):
    """A stretch `[from_at, until_at)` without rows, and how many are missing."""

    from_at: int
    until_at: int
    missing: int


class BacktestResult(Struct, frozen=True, kw_only=True):
    """What a condition would have done; `bars` counts rows of the symbol, `suppressed` triggers that were held."""

    symbol: str
    condition: str
    timeframe: str
    trigger: Trigger
    firings: tuple[PastFiring, ...]
    suppressed: int
    bars: int
    holes: tuple[Hole, ...]
    first_at: int
    last_at: int
    outcomes: tuple[Outcome, ...]

    @property
    def count(self) -> int:
        """Return how often it would have fired."""
        return len(self.firings)


def backtest(
    condition: Condition,
    bars: Sequence[Bar],
    *,
    symbol: str | None = None,
    trigger: Trigger | None = None,
    cooldown: int = 0,
    rearm: Rearm | None = None,
    fresh: bool = False,
) -> BacktestResult:
    """Judge a condition over closed bars of one timeframe per symbol, oldest first; returns what would have fired.

    `symbol` is whose alert it is, by default the first bar's; a condition over other symbols needs bars of those
    too. Longer timeframes are folded from the bars; indicators count from TA-Lib's first value. Spans in ns.

    Raises:
        InvalidInput: there are no bars, or none of a symbol or short enough for a timeframe it asks for.

    """
    candidate = Candidate(condition=condition, trigger=trigger, cooldown=cooldown, rearm=rearm, fresh=fresh)
    return backtest_all([candidate], bars, symbol=symbol)[0]


def backtest_all(
    candidates: Sequence[Candidate], bars: Sequence[Bar], *, symbol: str | None = None
) -> list[BacktestResult]:
    """Judge several conditions in one pass over the bars, as `backtest` does."""
    if not bars:
        raise InvalidInput("there are no bars to judge; give a longer time or another symbol")
    subject = symbol or bars[0].symbol
    own = [bar for bar in bars if bar.symbol == subject]
    if not own:
        raise InvalidInput(f"there are no bars of {subject}; they are of {bars[0].symbol}")
    past = _Past(candidates, subject, bars)
    past.run()
    holes = tuple(_holes(own))
    return [past.result(number, own, holes) for number in range(len(candidates))]


def default_trigger(condition: Condition) -> Trigger:
    """Return how a back-test fires unless told: each time where a tick series occurs, else at each close."""
    is_ticking = any(part.domain is Domain.TICK or part.live for part in series_of(condition.question))
    return Trigger.EVERY_TIME if is_ticking else Trigger.ONCE_PER_BAR_CLOSE


def series_of(node: object) -> Iterator[Series]:
    """Yield every series of a tree, outer before inner."""
    return (part for part in nodes_of(node) if isinstance(part, Series))


class _Past:
    """Bars of the past on their way through a judge of their own."""

    def __init__(self, candidates: Sequence[Candidate], symbol: str, bars: Sequence[Bar]) -> None:
        self._candidates, self._symbol, self._bars = candidates, symbol, bars
        self._triggers = [each.trigger or default_trigger(each.condition) for each in candidates]
        self._firings: list[list[PastFiring]] = [[] for _ in candidates]
        self._suppressed = [0] * len(candidates)
        self._part: dict[str, Bar] = {}
        self._folds: dict[str, Folding] = {}
        self._judge = Judge(forming=self._forming, settle=False, columnar=False)
        for number in range(len(candidates)):
            alert = self._alert(number)
            self._judge.arm(alert, candidates[number].condition, symbol, None, bars[0].open_at)
        self._folds = self._demanded()

    def run(self) -> None:
        """Judge every instant at which bars end, in order."""
        walk = self._walk()
        for close_at, group in groupby(self._bars, key=attrgetter("close_at")):
            together = [bar for bar in group if bar.symbol in self._folds]
            for bar in together:
                for ended in self._folds[bar.symbol].ended_before(bar):
                    self._close([ended], ended.close_at)
            if walk is not None:
                for bar in together:
                    walk(bar)
            closed = [each for bar in together for each in (bar, *self._folds[bar.symbol].closed_by(bar))]
            self._close(closed, close_at)

    def _walk(self) -> Callable[[Bar], None] | None:
        """Return what is to be done along each bar: nothing, unless something changes between closes."""
        series = [part for each in self._candidates for part in series_of(each.condition.question)]
        if any(part.live for part in series):
            return self._walk_forming
        return self._judge.path if any(part.domain is Domain.TICK for part in series) else None

    def _walk_forming(self, bar: Bar) -> None:
        """Walk a bar's path in steps, the forming bar growing with each: none may know what comes after it."""
        prices, step = path_of(bar), (bar.close_at - bar.open_at) // 4
        for place, price in enumerate(prices):
            so_far, share = prices[: place + 1], place / (len(prices) - 1)
            self._part[bar.symbol] = replace(
                bar,
                high=max(so_far),
                low=min(so_far),
                close=price,
                volume=bar.volume * share,
                quote_volume=bar.quote_volume * share,
                buy_volume=bar.buy_volume * share,
                trades=round(bar.trades * share),
                closed=False,
            )
            at = bar.open_at + place * step
            still = replace(
                bar, open=price, high=price, low=price, close=price, open_at=at, close_at=at + step
            )
            self._judge.path(still)
        del self._part[bar.symbol]

    def result(self, number: int, own: Sequence[Bar], holes: tuple[Hole, ...]) -> BacktestResult:
        """Return what one candidate did."""
        condition, firings = self._candidates[number].condition, tuple(self._firings[number])
        return BacktestResult(
            symbol=self._symbol,
            condition=condition.spelling,
            timeframe=condition.timeframe,
            trigger=self._triggers[number],
            firings=firings,
            suppressed=self._suppressed[number],
            bars=len(own),
            holes=holes,
            first_at=own[0].open_at,
            last_at=own[-1].close_at,
            outcomes=outcomes(((each.event_at, each.price) for each in firings), own),
        )

    def _alert(self, number: int) -> Alert:
        candidate = self._candidates[number]
        return Alert(
            id=str(number),
            number=number,
            owner=_OWNER,
            name=_OWNER,
            symbols=(self._symbol,),
            condition=candidate.condition.spelling,
            timeframe=candidate.condition.timeframe,
            trigger=self._triggers[number],
            cooldown=candidate.cooldown,
            rearm=candidate.rearm,
            fresh=candidate.fresh,
        )

    def _demanded(self) -> dict[str, Folding]:
        """Return what builds the bars that the conditions ask for, by symbol."""
        demands = self._judge.demands()
        sources: dict[str, str] = {}
        for bar in self._bars:
            if sources.setdefault(bar.symbol, bar.timeframe) != bar.timeframe:
                raise InvalidInput(f"bars of {bar.symbol} have two timeframes; give those of one")
        missing = sorted(set(demands) - set(sources))
        if missing:
            raise InvalidInput(f"the condition asks for {', '.join(missing)} too; give bars of it")
        folds = {}
        for symbol, demand in demands.items():
            folds[symbol] = Folding(sources[symbol], demand.history)
        return folds

    def _close(self, bars: Sequence[Bar], close_at: int) -> None:
        judge = self._judge
        for bar in bars:
            judge.bar(bar)
        judge.flush()
        if judge.next_due <= close_at:
            judge.advance(close_at)
        if judge.is_waiting:
            self._take()

    def _forming(self, symbol: str, timeframe: str) -> Bar | None:
        fold = self._folds.get(symbol)
        return fold.forming(timeframe, self._part.get(symbol)) if fold is not None else None

    def _take(self) -> None:
        for decision in self._judge.take().decisions:
            number = int(decision.standing.alert_id)
            if decision.suppressed is not None:
                self._suppressed[number] += 1
            if decision.firing is not None:
                self._firings[number].append(self._past(number, decision.firing))

    def _past(self, number: int, firing: Firing) -> PastFiring:
        known = firing.evidence.bar_open_at
        within = known if known is not None and firing.approximated else firing.event_at - 1
        open_at = open_of(within, self._candidates[number].condition.timeframe)
        return PastFiring(firing.event_at, firing.price, open_at, firing.evidence.values, firing.approximated)


def _holes(bars: Sequence[Bar]) -> Iterator[Hole]:
    for before, bar in pairwise(bars):
        if bar.open_at > before.close_at:
            missing = (bar.open_at - before.close_at) // (bar.close_at - bar.open_at)
            yield Hole(before.close_at, bar.open_at, missing)
