"""From faults and back-tests to what the editor of alerts is shown."""

from crypto_portfolio_analyzer.api.editor_schemas import (
    BacktestView,
    FaultView,
    HoleView,
    OutcomeView,
    PastFiringView,
    SweepView,
)
from crypto_portfolio_analyzer.api.problems import Fault, faults_of
from crypto_portfolio_analyzer.api.schemas import finite_text, iso
from crypto_portfolio_analyzer.core.timeframes import DAY, HOUR
from crypto_portfolio_analyzer.engine.backtesting import BacktestResult, PastFiring
from crypto_portfolio_analyzer.engine.outcomes import Outcome
from crypto_portfolio_analyzer.engine.sweeping import SweepPoint
from crypto_portfolio_analyzer.errors import InvalidInput

MOST_FIRINGS = 1000
SECOND = 10**9


def fault_views(error: InvalidInput, path: str) -> list[FaultView]:
    """Show what an error complains of; `path` is meant where it does not say."""
    faults = faults_of(error) or [Fault(path=path, problem=str(error))]
    return [FaultView(**each.model_dump(), column=each.start, message=each.problem) for each in faults]


def backtest_view(result: BacktestResult, points: list[SweepPoint], *, simulated: bool) -> BacktestView:
    """Show a back-test and its sweep."""
    return BacktestView(
        symbol=result.symbol,
        condition=result.condition,
        timeframe=result.timeframe,
        trigger=result.trigger,
        bars=result.bars,
        days=round((result.last_at - result.first_at) / DAY, 3),
        first_at=iso(result.first_at),
        last_at=iso(result.last_at),
        count=result.count,
        suppressed=result.suppressed,
        approximated=any(each.approximated for each in result.firings),
        firings=[_past_firing(each) for each in result.firings[-MOST_FIRINGS:]],
        outcomes=[_outcome(each) for each in result.outcomes],
        after={f"{each.span // HOUR}h": _outcome(each) for each in result.outcomes},
        holes=[
            HoleView(from_at=iso(each.from_at), until_at=iso(each.until_at), missing=each.missing)
            for each in result.holes
        ],
        sweep=[SweepView(value=each.value, count=each.count, suppressed=each.suppressed) for each in points],
        simulated=simulated,
    )


def _outcome(outcome: Outcome) -> OutcomeView:
    return OutcomeView(
        after_seconds=outcome.span // SECOND,
        count=outcome.count,
        median_percent=outcome.median_percent,
        share_up=outcome.share_up,
    )


def _past_firing(firing: PastFiring) -> PastFiringView:
    return PastFiringView(
        event_at=iso(firing.event_at),
        price=finite_text(firing.price),
        bar_open_at=iso(firing.bar_open_at),
        values=dict(firing.values),
        approximated=firing.approximated,
    )
