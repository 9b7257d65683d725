"""Before an alert is made: what a condition means, whether it is true, what it would have done, what can be written."""

from fastapi import APIRouter
from msgspec import to_builtins

from crypto_portfolio_analyzer.api.alert_backtest import Question
from crypto_portfolio_analyzer.api.alert_views import leaf_view, sentence_of
from crypto_portfolio_analyzer.api.auth import READ
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.api.editor_schemas import (
    BacktestRequest,
    BacktestView,
    CautionView,
    CompleteRequest,
    CompletionsView,
    SeriesView,
    ValidateRequest,
    ValidationView,
)
from crypto_portfolio_analyzer.api.editor_views import backtest_view, fault_views
from crypto_portfolio_analyzer.core.conditions.editor import (
    completions,
    describe_series,
    signature_help,
)
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.tree import Condition
from crypto_portfolio_analyzer.core.timeframes import parse_timeframe
from crypto_portfolio_analyzer.engine.drafts import draft_of
from crypto_portfolio_analyzer.engine.sweeping import evenly
from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.streaming.views import WatchView

router = APIRouter(prefix="/api/alerts", tags=["alerts"], dependencies=[READ])

MOST_COMPLETIONS = 200


@router.post("/validate")
async def validate(house: House, body: ValidateRequest) -> ValidationView:
    """Read a condition: its spelling and sentence, or its faults; true now, if its symbol is watched. Always 200."""
    path = "timeframe"
    try:
        timeframe = parse_timeframe(body.timeframe).name
        path = "symbol"
        watch = house.feeds.find(body.symbol) if body.symbol is not None else None
        path = "condition"
        condition = read_condition(body.condition, timeframe)
    except InvalidInput as error:
        return ValidationView(valid=False, errors=fault_views(error, path))
    return await _validated(house, condition, body.symbol, watch)


@router.post("/backtest")
async def backtest(house: House, body: BacktestRequest) -> BacktestView:
    """Judge a condition over bars of the past with the judge that runs live; with `sweep` other thresholds too."""
    fields = body.model_dump(exclude={"days", "bars", "sweep"})
    now = house.clock.now()
    draft = draft_of({"name": "backtest", **fields}, now=now)
    asked = Question(
        condition=read_condition(draft.condition, draft.timeframe),
        symbol=body.symbol,
        trigger=draft.trigger if body.trigger is not None else None,
        cooldown=draft.cooldown,
        rearm=draft.rearm,
        fresh=draft.fresh,
        days=body.days,
        bars=body.bars,
        thresholds=tuple(evenly(body.sweep.start, body.sweep.to, body.sweep.steps)) if body.sweep else (),
    )
    result, points = await house.backtesting.run(asked, now)
    return backtest_view(result, points, simulated=house.simulated)


@router.get("/series")
async def series() -> SeriesView:
    """Describe every series a condition can name: what it takes, gives and is."""
    return SeriesView(series=describe_series())


@router.post("/complete")
async def complete(body: CompleteRequest) -> CompletionsView:
    """Tell what may stand at the cursor, and what the parentheses around it take."""
    cursor = min(body.cursor, len(body.text))
    found = completions(body.text, cursor, body.language)
    help_there = signature_help(body.text, cursor, body.language)
    return CompletionsView.model_validate(
        {
            "completions": [to_builtins(each) for each in found[:MOST_COMPLETIONS]],
            "signature": None if help_there is None else to_builtins(help_there),
        }
    )


async def _validated(
    house: Doors, condition: Condition, symbol: str | None, watch: WatchView | None
) -> ValidationView:
    """Tell what a condition means, and what of it is true now."""
    view = ValidationView(
        valid=True,
        condition=condition.spelling,
        timeframe=condition.timeframe,
        sentence=sentence_of(condition, house.canonical(symbol) if symbol is not None else ""),
        cautions=[CautionView.model_validate(each, from_attributes=True) for each in condition.cautions],
    )
    if watch is None:
        view.unknown = "no symbol is named" if symbol is None else f"{symbol} is not watched yet"
        return view
    told = await house.previewing.look(condition, watch.symbol, house.clock.now())
    view.holds_now = told.holds
    view.leaves = [leaf_view(each) for each in told.leaves]
    view.unknown = (told.warm_up or told.reason) if told.holds is None else ""
    return view
