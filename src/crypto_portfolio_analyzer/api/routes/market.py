"""The newest price of a symbol, its bars, series over them, and the levels that alerts wait for."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query

from crypto_portfolio_analyzer.api.alert_views import condition_of
from crypto_portfolio_analyzer.api.auth import READ, Reader
from crypto_portfolio_analyzer.api.doors import House
from crypto_portfolio_analyzer.api.market_schemas import (
    ChartView,
    GapView,
    IndicatorsView,
    IndicatorView,
    LevelsView,
    LevelView,
    LineView,
    SeriesCheckView,
    SeriesText,
)
from crypto_portfolio_analyzer.api.past import Span
from crypto_portfolio_analyzer.api.problems import Fault, Problem, faults_of
from crypto_portfolio_analyzer.api.schemas import (
    BarView,
    Instant,
    MarketView,
    decimal_or_none,
    decimal_text,
    given_instant,
    iso,
)
from crypto_portfolio_analyzer.core.conditions.charted import Charted, read_charted
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import parse_timeframe
from crypto_portfolio_analyzer.engine.chartlevels import levels_of
from crypto_portfolio_analyzer.engine.indicators import Indicator
from crypto_portfolio_analyzer.errors import InvalidCondition

router = APIRouter(prefix="/api/market", tags=["market"], dependencies=[READ])

MOST_SERIES = 8
MOST_LEVELS = 200

SymbolText = Annotated[str, Path(description="`BTCUSDT` or `BTC-USDT`", max_length=64)]
Frame = Annotated[str, Query(max_length=16, description="any that divides a UTC day, or 1w", examples=["1h"])]
End = Annotated[Instant | None, Query(description="open_at below this")]


@router.get("/{symbol}")
async def market(house: House, symbol: SymbolText) -> MarketView:
    """Return the newest known state of a symbol; one nobody watches is asked for and answered in 3 s."""
    latest = await house.watching.latest(symbol)
    instrument = house.market.instrument(latest.symbol)
    return MarketView(
        symbol=symbol,
        market=latest.symbol,
        price=decimal_text(latest.price),
        bid=decimal_or_none(latest.bid),
        ask=decimal_or_none(latest.ask),
        change_24h=decimal_or_none(latest.change_24h),
        change_percent_24h=decimal_or_none(latest.change_percent_24h),
        volume_24h=decimal_or_none(latest.volume_24h),
        high_24h=decimal_or_none(latest.high_24h),
        low_24h=decimal_or_none(latest.low_24h),
        event_at=iso(latest.event_at),
        received_at=iso(latest.received_at),
        source=latest.source,
        kind=latest.kind,
        age_seconds=round(max(0, house.clock.now() - latest.event_at) / 1e9, 3),
        stale=house.market.is_stale(latest.symbol),
        simulated=latest.simulated,
        tick_size=decimal_or_none(instrument.tick_size) if instrument else None,
    )


@router.get("/{symbol}/bars")
async def bars(
    house: House,
    symbol: SymbolText,
    *,
    timeframe: Frame = "1m",
    start: Annotated[Instant | None, Query(description="first open_at; a zone-less time is UTC")] = None,
    end: End = None,
    limit: Annotated[
        int, Query(ge=1, le=1000, description="newest bars win; up to 1000, since bars are small")
    ] = 200,
) -> ChartView:
    """Return bars, oldest first, and what was missed between them; the last may still be forming."""
    frame = parse_timeframe(timeframe).name
    view = await house.watching.visit(symbol)
    span = Span(frame, given_instant(start), given_instant(end), limit)
    found = await house.charting.bars(view, span)
    return ChartView(
        symbol=symbol,
        market=view.symbol,
        timeframe=frame,
        source=found[-1].venue if found else (view.source or ""),
        simulated=house.simulated,
        bars=[_bar(bar) for bar in found],
        gaps=[
            GapView(from_at=iso(each.from_at), until_at=iso(each.until_at), status=each.status)
            for each in await house.charting.gaps(view, found)
        ],
    )


@router.get("/{symbol}/indicators")
async def indicators(
    house: House,
    symbol: SymbolText,
    *,
    series: Annotated[
        list[SeriesText],
        Query(
            min_length=1,
            max_length=MOST_SERIES,
            description="of the condition language, over bars of `timeframe`: `ema(50)`, `sma(volume, 20)`",
            examples=[["rsi(14)", "ema(50)"]],
        ),
    ],
    timeframe: Frame = "1m",
    end: End = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="how many bars, the newest ones")] = 200,
) -> IndicatorsView:
    """Return series at each bar, as the judge of alerts would have them; the last bar may still be forming."""
    frame = parse_timeframe(timeframe).name
    wanted = [_charted(text, place, frame) for place, text in enumerate(series)]
    view = await house.watching.visit(symbol)
    told, count = await house.charting.indicators(view, wanted, Span(frame, None, given_instant(end), limit))
    return IndicatorsView(
        symbol=view.symbol,
        timeframe=frame,
        bars=count,
        series=[_indicator(text, each) for text, each in zip(series, told, strict=True)],
    )


@router.get("/{symbol}/indicators/check")
async def check(
    symbol: SymbolText,
    series: Annotated[SeriesText, Query(description="what somebody is writing", examples=["rsi(14)"])],
    timeframe: Frame = "1m",
) -> SeriesCheckView:
    """Tell whether a chart of any symbol can draw a series, or what is wrong with it; 200 for both."""
    try:
        charted = read_charted(series, timeframe)
    except InvalidCondition as error:
        return SeriesCheckView(valid=False, errors=_faults(error, "series"))
    return SeriesCheckView(valid=True, spelling=charted.spelling, pane=_pane(charted))


@router.get("/{symbol}/levels")
async def levels(house: House, who: Reader, symbol: SymbolText) -> LevelsView:
    """Return the constants that one's own alerts on a symbol compare its price with, up to 200."""
    market = house.canonical(symbol)
    alerts = await house.alert_store.of_owner(who.owner, symbol=market)
    found = [
        LevelView(
            alert_id=alert.id,
            revision=alert.revision,
            value=decimal_text(each.value),
            series=each.series,
            relation=each.relation,
            before=each.before,
            after=each.after,
        )
        for alert in alerts
        for each in levels_of(condition_of(alert.condition, alert.timeframe), market)
    ]
    return LevelsView(levels=found[:MOST_LEVELS])


def _charted(text: str, place: int, timeframe: str) -> Charted:
    try:
        return read_charted(text, timeframe)
    except InvalidCondition as error:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"series {place + 1} cannot be drawn: {error.problem}",
            remedy=f"write {error.fix}" if error.fix else "see /api/alerts/series for what there is",
            errors=[each.model_dump() for each in _faults(error, f"series[{place}]")],
        ) from None


def _faults(error: InvalidCondition, path: str) -> list[Fault]:
    return [each.model_copy(update={"path": path}) for each in faults_of(error)]


def _pane(charted: Charted) -> str:
    return "price" if charted.on_price else "own"


def _indicator(text: str, told: Indicator) -> IndicatorView:
    return IndicatorView(
        expression=text,
        spelling=told.charted.spelling,
        pane=_pane(told.charted),
        lines=[
            LineView(name=line.name, points=[(iso(at), value) for at, value in line.points])
            for line in told.lines
        ],
        levels=list(told.levels),
        settled_at=None if told.settled_at is None else iso(told.settled_at),
    )


def _bar(bar: Bar) -> BarView:
    return BarView(
        open_at=iso(bar.open_at),
        open=decimal_text(bar.open),
        high=decimal_text(bar.high),
        low=decimal_text(bar.low),
        close=decimal_text(bar.close),
        volume=decimal_text(bar.volume),
        closed=bar.closed,
        kind=bar.kind,
    )
