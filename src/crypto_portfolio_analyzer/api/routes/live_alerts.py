"""S0's live alerts: what is monitored, which streams are open, and the switches."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path

from crypto_portfolio_analyzer.api.alert_streams import Activity, activity_of, joined
from crypto_portfolio_analyzer.api.auth import READ, Admin, Reader
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.api.problems import Problem
from crypto_portfolio_analyzer.api.s0_schemas import (
    LivePerformanceView,
    LiveStatusView,
    MonitoringView,
    ProbeView,
    StreamSwitchView,
    StreamView,
)
from crypto_portfolio_analyzer.api.schemas import iso
from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.streaming.feeds import CHECK_INTERVAL
from crypto_portfolio_analyzer.streaming.views import WatchState

router = APIRouter(prefix="/live-alerts", tags=["market"])

SymbolText = Annotated[str, Path(description="`BTCUSDT` or `BTC-USDT`", max_length=64)]
INTERVAL = int(CHECK_INTERVAL)


@router.get("/status")
async def status(house: House, who: Reader) -> LiveStatusView:
    """Return what of one's own alerts is monitored."""
    activity = await activity_of(house.alerts, house.alert_store, who.owner)
    streaming = _streaming(house, activity)
    return LiveStatusView(
        monitoring_active=house.alerts.is_monitoring,
        total_alerts=activity.alerts,
        active_streams=len(streaming),
        check_interval=INTERVAL,
        spam_protection_active=activity.cooling,
        streaming_symbols=[joined(symbol) for symbol in streaming],
    )


@router.get("/streams")
async def streams(house: House, who: Reader) -> list[StreamView]:
    """Return each symbol with alerts of one's own, or with a stream started by hand; its price and the price's time."""
    activity = await activity_of(house.alerts, house.alert_store, who.owner)
    streaming = _streaming(house, activity)
    return [
        _stream(house, symbol, activity.by_symbol.get(symbol, 0), is_active=symbol in streaming)
        for symbol in _wanted(house, activity)
    ]


@router.post("/start-monitoring")
async def start_monitoring(house: House, who: Admin) -> MonitoringView:
    """Judge everybody's alerts again."""
    if await house.alerts.start_monitoring():
        await house.audit.note(who.actor, "monitoring.started", "alerts")
        return MonitoringView(status="started", message="alerts are judged again", check_interval=INTERVAL)
    return MonitoringView(
        status="already_running", message="alerts are being judged", check_interval=INTERVAL
    )


@router.post("/stop-monitoring")
async def stop_monitoring(house: House, who: Admin) -> MonitoringView:
    """Judge nobody's alerts until `start-monitoring`; what happens meanwhile fires nothing."""
    stopped = await house.alerts.stop_monitoring()
    if stopped is None:
        return MonitoringView(
            status="already_stopped", message="no alerts are being judged", streams_stopped=0
        )
    await house.audit.note(who.actor, "monitoring.stopped", "alerts")
    message = "no alert is judged until monitoring starts again"
    return MonitoringView(status="stopped", message=message, streams_stopped=stopped)


@router.post("/stream/{symbol}/start")
async def start_stream(house: House, who: Admin, symbol: SymbolText) -> StreamSwitchView:
    """Open the stream of a symbol by hand: it stays open without alerts. 400 while monitoring is off."""
    if not house.alerts.is_monitoring:
        raise Problem(
            HTTPStatus.BAD_REQUEST, "monitoring is off", remedy="POST /live-alerts/start-monitoring first"
        )
    canonical = _canonical(house, symbol)
    has_alerts = house.alerts.symbols().get(canonical, 0) > 0
    if has_alerts or not house.hand_streams.start(symbol, canonical):
        message = "its alerts keep the stream open" if has_alerts else "the stream is open already"
        return StreamSwitchView(status="already_active", message=message, symbol=symbol)
    await house.audit.note(who.actor, "stream.started", canonical)
    return StreamSwitchView(status="started", message="the stream is open until it is stopped", symbol=symbol)


@router.post("/stream/{symbol}/stop")
async def stop_stream(house: House, who: Admin, symbol: SymbolText) -> StreamSwitchView:
    """Close a stream that was started by hand; what alerts need stays open, or they would miss their moment."""
    canonical = _canonical(house, symbol)
    count = house.alerts.symbols().get(canonical, 0)
    needed = f"; {count} {'alert keeps' if count == 1 else 'alerts keep'} it open" if count else ""
    if house.hand_streams.stop(canonical):
        await house.audit.note(who.actor, "stream.stopped", canonical)
        return StreamSwitchView(status="stopped", message=f"the wish by hand is gone{needed}", symbol=symbol)
    return StreamSwitchView(
        status="not_active", message=f"no stream was started by hand{needed}", symbol=symbol
    )


@router.get("/performance")
async def performance(house: House, who: Reader) -> LivePerformanceView:
    """Return the same in S0's other arrangement."""
    activity = await activity_of(house.alerts, house.alert_store, who.owner)
    streaming = _streaming(house, activity)
    priced = [symbol for symbol in _wanted(house, activity) if house.market.latest(symbol) is not None]
    return LivePerformanceView.model_validate(
        {
            "timestamp": iso(house.clock.now()),
            "system": {
                "running": house.alerts.is_monitoring,
                "check_interval": INTERVAL,
                "redis_connected": house.rates.is_shared,
            },
            "alerts": {
                "total_active": activity.alerts,
                "by_symbol": {joined(symbol): count for symbol, count in activity.by_symbol.items()},
            },
            "streams": {
                "active_count": len(streaming),
                "symbols": [joined(symbol) for symbol in streaming],
            },
            "cache": {
                "price_cache_size": len(priced),
                "cached_symbols": [joined(symbol) for symbol in priced],
            },
            "protection": {"spam_blocks_active": activity.cooling},
        }
    )


@router.get("/test-stream/{symbol}", dependencies=[READ])
@router.post("/test-stream/{symbol}", dependencies=[READ])
async def test_stream(house: House, symbol: SymbolText) -> ProbeView:
    """Ask for a symbol's stream, wait up to 3 s for a price, and tell how long that took."""
    asked_at = house.clock.monotonic()
    latest = await house.watching.latest(symbol)
    return ProbeView(
        symbol=symbol,
        price=latest.price,
        source=latest.source,
        latency_ms=round((house.clock.monotonic() - asked_at) * 1000, 3),
        event_at=iso(latest.event_at),
        stale=house.market.is_stale(latest.symbol),
    )


def _wanted(house: Doors, activity: Activity) -> list[str]:
    return sorted({*activity.by_symbol, *house.hand_streams.symbols})


def _streaming(house: Doors, activity: Activity) -> list[str]:
    """Return the symbols of alerts at work, or held open by hand, that some venue is asked for."""
    if not house.alerts.is_monitoring:
        return sorted(house.hand_streams.symbols)
    return [symbol for symbol in _wanted(house, activity) if _is_open(house, symbol)]


def _is_open(house: Doors, symbol: str) -> bool:
    view = house.feeds.find(symbol)
    return view is not None and view.state is not WatchState.REFUSED


def _stream(house: Doors, symbol: str, alerts: int, *, is_active: bool) -> StreamView:
    latest = house.market.latest(symbol)
    return StreamView(
        symbol=joined(symbol),
        active=is_active,
        alerts_count=alerts,
        last_price=latest.price if latest else None,
        last_update=iso(latest.event_at) if latest else None,
    )


def _canonical(house: Doors, text: str) -> str:
    """Return the market a spelling means; raises Problem (404)."""
    view = house.watching.find(text)
    if view is not None:
        return view.symbol
    try:
        return house.canonical(text)
    except InvalidSymbol as error:
        raise Problem(HTTPStatus.NOT_FOUND, str(error), remedy=error.remedy) from error
