"""The application starts in order, stops in reverse, and says how it is."""

from pathlib import Path

import pytest

from crypto_portfolio_analyzer.app import App, build
from crypto_portfolio_analyzer.clock import ScaledClock, SystemClock
from crypto_portfolio_analyzer.core.alerts import AlertState
from crypto_portfolio_analyzer.engine.drafts import draft_of
from crypto_portfolio_analyzer.errors import StorageUnavailable
from crypto_portfolio_analyzer.settings import Settings
from tests.streaming.wire import until


def is_stopped(app: App) -> bool:
    return not app.bus.get_bus_stats()["running"]


async def test_it_serves_the_configured_symbols_while_it_runs(settings: Settings) -> None:
    app = build(settings)
    assert is_stopped(app)
    async with app:
        await until(lambda: app.market.latest("BTC/USDT") and app.market.latest("ETH/USDT"))
        assert [view.asked for view in app.feeds.watches()] == ["BTC", "ETH"]
        assert b'watches{state="live"} 2.0' in app.metrics.render()
        await until(lambda: getattr(app.market.latest("BTC/USDT"), "change_percent_24h", None) is not None)
        told = await app.delivery.preview("me", None, {"symbol": "BTC/USDT"})
        assert any("24 h " in line for line in told.lines)
    assert is_stopped(app)
    assert [view.status for view in app.feeds.health()] == ["idle"]


async def test_a_part_that_cannot_start_stops_those_that_did(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = build(settings)

    async def fail() -> None:
        assert not is_stopped(app)
        raise StorageUnavailable("away")

    monkeypatch.setattr(app.streams, "start", fail)
    with pytest.raises(StorageUnavailable):
        async with app:
            pytest.fail("it did not start")

    assert is_stopped(app)
    assert app.feeds.watches() == []


async def test_a_database_that_cannot_be_reached_ends_the_start(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    unreachable = settings.model_copy(update={"database_url": f"sqlite+aiosqlite:///{tmp_path}/file/x.db"})
    with pytest.raises((StorageUnavailable, OSError)):
        async with build(unreachable):
            pytest.fail("it did not start")


def test_time_runs_as_configured(settings: Settings) -> None:
    assert isinstance(build(settings).clock, SystemClock)
    quick = build(settings.model_copy(update={"time_scale": 10.0}))
    assert isinstance(quick.clock, ScaledClock)
    assert quick.clock.scale == 10.0


def test_prices_are_labelled_simulated_if_they_are(settings: Settings) -> None:
    assert not build(settings).simulated
    assert build(settings, simulated=True).market.simulated


async def test_alerts_are_armed_over_the_market_and_survive_a_restart(settings: Settings) -> None:
    quiet = settings.model_copy(update={"symbols": ()})
    draft = draft_of({"name": "a", "symbol": "BTC", "condition": "price > 0"}, now=0)
    async with build(quiet) as app:
        assert app.feeds.watches() == []
        (alert,) = await app.alerts.create("me", [draft], actor="me")
        await until(lambda: app.alerts.committer.fired)
        assert [each.alert_id for each in await app.alert_store.firings("me")] == [alert.id]
        assert b'alerts_fired_total{cause="live"} 1.0' in app.metrics.render()

    async with build(quiet) as app:
        assert app.alerts.symbols() == {}  # it has fired once and for all
        states = await app.alerts.standings("me", [alert.id])
        assert [each.state for each in states[alert.id]] == [AlertState.DONE]


async def test_a_process_that_only_delivers_opens_no_feed(settings: Settings) -> None:
    async with build(settings, roles=("delivery",)) as app:
        assert is_stopped(app)
        assert app.feeds.watches() == []
        assert [each.name for each in await app.pings() if not each.ok] == []
