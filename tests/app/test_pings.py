"""How everything the process needs is doing."""

from pathlib import Path

from crypto_portfolio_analyzer.app import build
from crypto_portfolio_analyzer.errors import StorageUnavailable
from crypto_portfolio_analyzer.settings import Settings
from crypto_portfolio_analyzer.storage.database import Database
from tests.streaming.wire import until


async def test_it_pings_everything_it_needs(settings: Settings, tmp_path: Path) -> None:
    async with build(settings) as app:
        await until(lambda: app.market.latest("BTC/USDT"))
        database, venue = await app.pings()
        assert (database.name, database.ok) == ("database", True)
        assert (venue.name, venue.ok, venue.needed) == ("mock", True, False)

        was, app.database = app.database, Database(f"sqlite+aiosqlite:///{tmp_path}/nowhere/else.db")
        sick = (await app.pings())[0]
        await app.database.stop()
        app.database = was
    assert not sick.ok
    assert sick.needed
    assert "DATABASE_URL" in sick.remedy


async def test_decisions_that_wait_for_the_database_are_a_ping(settings: Settings) -> None:
    app = build(settings)
    app.alerts.committer.error = StorageUnavailable("away")
    (ping,) = [each for each in await app.pings() if each.name == "alerts"]

    assert (ping.ok, ping.needed) == (False, True)
    assert "0 decisions wait" in ping.detail
    assert ping.remedy
    await app.database.stop()


async def test_deliveries_that_wait_for_the_database_are_a_ping(settings: Settings) -> None:
    app = build(settings)
    app.delivery._worker.book.error = StorageUnavailable("away")
    (ping,) = [each for each in await app.pings() if each.name == "delivery"]

    assert not ping.ok
    assert "away" in ping.detail
    await app.database.stop()
