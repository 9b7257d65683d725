"""Holdings over the shared feeds: wanted once each, valued when asked, in the order of the store."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
import pytest_asyncio

from crypto_portfolio_analyzer.app import App, build
from crypto_portfolio_analyzer.errors import InvalidFields, InvalidInput, InvalidSymbol, NotFound
from crypto_portfolio_analyzer.settings import Settings
from tests.streaming.wire import until


@pytest_asyncio.fixture
async def app(settings: Settings) -> AsyncIterator[App]:
    """An application over the mock venue, where nobody asks for a symbol."""
    changed = settings.model_copy(update={"symbols": (), "holdings_per_owner": 2})
    async with build(changed) as running:
        yield running


async def test_the_value_follows_the_market(app: App) -> None:
    await app.portfolios.hold("ada", "btc", Decimal(2), actor="ada")
    await until(lambda: app.portfolios.worth("ada").value.is_complete)
    worth = app.portfolios.worth("ada")

    assert worth.value.total_value == 2 * Decimal(repr(worth.latest["BTC"].price))
    assert worth.is_simulated
    assert worth.stale == frozenset()
    assert app.portfolios.worth("bob").value.holdings == ()


async def test_a_wish_lives_as_long_as_somebody_holds(app: App) -> None:
    hold, drop, find = app.portfolios.hold, app.portfolios.drop, app.feeds.find
    await hold("ada", "BTC", Decimal(1), actor="ada")
    await hold("ada", "BTC", Decimal(2), actor="ada")
    await hold("bob", "BTC", Decimal(1), actor="bob")
    wishes = getattr(find("BTC"), "wishes", 0)
    await drop("ada", "BTC", actor="ada")
    still = find("BTC")
    await drop("bob", "BTC", actor="bob")

    assert wishes == 2
    assert still is not None
    assert find("BTC") is None


async def test_nothing_is_left_of_what_was_refused(app: App) -> None:
    hold = app.portfolios.hold
    await hold("ada", "BTC", Decimal(1), actor="ada")
    await hold("ada", "ETH", Decimal(1), actor="ada")
    with pytest.raises(InvalidInput, match="2 holdings is the limit"):
        await hold("ada", "SOL", Decimal(1), actor="ada")
    with pytest.raises(InvalidSymbol):
        await hold("bob", "?!", Decimal(1), actor="bob")
    with pytest.raises(InvalidFields, match="write ETH"):
        await hold("bob", "ETH/BTC", Decimal(1), actor="bob")
    with pytest.raises(NotFound):
        await app.portfolios.drop("bob", "?!", actor="bob")

    assert [each.asked for each in app.feeds.watches()] == ["BTC", "ETH"]
    assert app.portfolios.worth("bob").value.holdings == ()


async def test_changes_at_once_end_as_the_store_has_them(app: App) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(1, 21):
            group.create_task(app.portfolios.hold("ada", "BTC", Decimal(number), actor="ada"))
    [held] = app.portfolios.worth("ada").value.holdings
    await app.portfolios.stop()
    await app.portfolios.start()
    [stored] = app.portfolios.worth("ada").value.holdings

    assert held.quantity == stored.quantity


async def test_the_local_admin_is_not_bounded(app: App) -> None:
    for symbol in ("BTC", "ETH", "SOL"):
        await app.portfolios.hold("admin", symbol, Decimal(1), actor="admin")

    assert len(app.portfolios.worth("admin").value.holdings) == 3
