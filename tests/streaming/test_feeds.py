"""Prices of wanted symbols: opened by the first wish, closed by the last, served by whoever is well."""

import asyncio
from datetime import UTC
from decimal import Decimal
from functools import partial

import pytest

from crypto_portfolio_analyzer.clock import ScaledClock
from crypto_portfolio_analyzer.core.market import Ticker
from crypto_portfolio_analyzer.errors import InvalidInput, InvalidSymbol, UnknownName
from crypto_portfolio_analyzer.simulation.server import VenueServer
from crypto_portfolio_analyzer.simulation.tape import Tape
from crypto_portfolio_analyzer.streaming import PriceFeedManager, PriceFeedProvider, PriceUpdate
from crypto_portfolio_analyzer.streaming.feeds import symbols_of
from crypto_portfolio_analyzer.streaming.views import PriceKind, WatchState
from tests.streaming.house import house
from tests.streaming.wire import until


@pytest.fixture
async def one_venue(monkeypatch: pytest.MonkeyPatch):
    """A simulated Binance and Coinbase that the environment names, as for S1's examples."""
    clock = ScaledClock(1.0)
    tape = Tape(7, ["BTC", "ETH"], start_at=clock.now(), trades_per_second=20.0)
    async with (
        VenueServer("binance", tape, clock=clock) as one,
        VenueServer("coinbase", tape, clock=clock) as two,
    ):
        for server in (one, two):
            prefix = f"CRYPTO_ANALYZER_EXCHANGES__{server.name.upper()}__"
            monkeypatch.setenv(f"{prefix}WS_URL", server.ws_url)
            monkeypatch.setenv(f"{prefix}REST_URL", server.rest_url)
        yield one


async def test_the_documented_example_works_as_written(one_venue: VenueServer) -> None:
    updates: list[PriceUpdate] = []
    awaited: list[str] = []

    async def handle_later(update: PriceUpdate) -> None:
        await asyncio.sleep(0)
        awaited.append(update.symbol)

    manager = PriceFeedManager()
    manager.add_provider(PriceFeedProvider.BINANCE, ["BTC", "ETH"], is_primary=True)
    manager.add_provider(PriceFeedProvider.COINBASE, ["BTC", "ETH"], is_primary=False)
    manager.add_handler(updates.append)
    manager.add_handler(handle_later)
    await manager.start()
    try:
        await until(lambda: {update.symbol for update in updates} == set(awaited) == {"BTC", "ETH"})
        await until(lambda: any(update.volume_24h is not None for update in updates))
        update = next(update for update in reversed(updates) if update.volume_24h is not None)

        assert isinstance(update.price, Decimal)
        assert update.price > 0
        assert update.source == "binance"
        assert update.timestamp.tzinfo is UTC
        assert update.change_24h is not None
        assert update.change_percent_24h is not None
        opened = update.price - update.change_24h
        assert update.change_percent_24h == pytest.approx(float(update.change_24h / opened * 100))
        status = manager.get_provider_status()
        assert status["binance"]["is_primary"]
        assert not status["coinbase"]["is_primary"]
        assert status["binance"]["status"] == "connected"
        assert manager.get_last_update_time("BTC") is not None
        assert manager.get_last_update_time("SOL") is None
    finally:
        await manager.stop()


async def test_a_manager_that_was_stopped_starts_again(one_venue: VenueServer) -> None:
    updates: list[PriceUpdate] = []
    manager = PriceFeedManager()
    manager.add_provider("binance", ["BTC"], is_primary=True)
    manager.add_handler(updates.append)
    for _turn in range(2):
        await manager.start()
        await manager.start()
        updates.clear()
        await until(lambda: len(updates) > 5)
        await manager.stop()
        await manager.stop()
        await until(lambda: not one_venue.connections)


async def test_the_first_wish_opens_a_stream_and_the_last_release_closes_it() -> None:
    async with house("binance") as run:
        venue = run.servers["binance"]
        assert run.feeds.want("BTC").wishes == 1
        assert run.feeds.want("btc").wishes == 2
        await run.state("BTC", WatchState.LIVE)
        run.feeds.release("BTC")
        await run.clock.sleep(5)
        assert len(venue.connections) == 1
        run.feeds.release("BTC")
        began = run.clock.monotonic()
        await until(lambda: not venue.connections)

        assert run.clock.monotonic() - began < 5
        assert run.feeds.find("BTC") is None
        assert run.feeds.watches() == []
        assert run.market.symbols() == [], "nobody keeps minutes of what nobody wants"
        run.feeds.release("BTC")
        run.feeds.want("BTC")
        await run.state("BTC", WatchState.LIVE)


async def test_one_of_two_wishes_leaves_the_others_stream_alone() -> None:
    async with house("binance") as run:
        run.feeds.want("BTC")
        run.feeds.want("ETH")
        run.feeds.want("BTC/USDT")
        await run.state("ETH", WatchState.LIVE)
        await run.state("BTC", WatchState.LIVE)
        run.feeds.release("ETH")
        run.feeds.release("BTC")
        await run.clock.sleep(3)

        (connection,) = run.servers["binance"].connections.values()
        assert len(connection.subscriptions) == 2, "BTC/USDT is still wanted"
        assert run.view("BTC/USDT").state is WatchState.LIVE


async def test_a_providers_own_symbols_outlive_a_visitors_release() -> None:
    async with house("binance") as run:
        run.feeds.add_provider("binance", ["BTC"])
        run.feeds.want("BTC")
        run.feeds.release("BTC")

        await run.state("BTC", WatchState.LIVE)


@pytest.mark.parametrize("text", ["BTC", "btc/usdt", "BTCUSDT", "BTC-USDT", "BINANCE:BTCUSDT"])
async def test_a_watch_is_found_by_any_spelling(text: str) -> None:
    async with house("binance") as run:
        run.feeds.want(text)
        await until(lambda: run.updates)

        for other in ("BTC", "BTCUSDT", "btc_usdt", "BTC/USDT"):
            assert run.view(other).symbol == "BTC/USDT"
        assert run.feeds.find("ETH") is None
        assert run.feeds.find("BTC/EUR") is None
        assert {update.symbol for update in run.updates} == {text}, "prices come under the name asked for"


async def test_what_is_no_symbol_and_who_is_no_provider_is_said() -> None:
    async with house("binance", "coinbase") as run:
        with pytest.raises(InvalidSymbol):
            run.feeds.want("not a symbol!")
        with pytest.raises(UnknownName, match="did you mean 'kraken'"):
            run.feeds.add_provider("kraaken")
        with pytest.raises(InvalidSymbol):
            run.feeds.want("BTC/USDT:USDT")
        assert run.feeds.watches() == []
    with pytest.raises(InvalidInput, match="no provider"):
        PriceFeedManager().want("BTC")


async def test_an_error_in_a_handler_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async with house("binance") as run:
        hurt: list[PriceUpdate] = []

        def broken(update: PriceUpdate) -> None:
            hurt.append(update)
            raise ValueError

        run.feeds.add_handler(broken)
        run.feeds.add_handler(broken)
        run.feeds.want("BTC")
        await until(lambda: len(hurt) > 3 and len(run.updates) > 3)
        run.feeds.remove_handler(broken)
        run.feeds.remove_handler(broken)
        count = len(hurt)
        before = len(run.updates)
        await until(lambda: len(run.updates) > before + 3)

        assert len(hurt) <= count + 1


async def test_a_lone_asset_falls_back_to_another_dollar_and_back() -> None:
    async with house("binance", "coinbase") as run:
        run.feeds.want("BTC")
        await run.state("BTC", WatchState.LIVE)
        await run.heard("coinbase", "BTC/USD")
        run.fault("binance", "outage=40s")
        took = await run.source("BTC", "coinbase")

        assert took <= 10
        view = run.view("BTC")
        assert (view.symbol, view.state) == ("BTC/USD", WatchState.FALLBACK)
        assert "binance" in view.reason
        run.updates.clear()
        await until(lambda: len(run.updates) > 3)
        assert {(update.symbol, update.source) for update in run.updates} == {("BTC", "coinbase")}
        await run.source("BTC", "binance")
        assert run.view("BTC").symbol == "BTC/USDT"
        assert [(change.old, change.new) for change in run.changes] == [
            ("binance", "coinbase"),
            ("coinbase", "binance"),
        ]


async def test_an_explicit_quote_is_never_replaced() -> None:
    """Kraken's simulator lists no BTC/USDC; Coinbase's neither."""
    async with house("binance", "coinbase", "kraken") as run:
        run.feeds.want("BTC/USDC")
        await run.state("BTC/USDC", WatchState.LIVE)
        run.fault("binance", "outage=10m")
        await run.state("BTC/USDC", WatchState.STALE, 20)
        await run.clock.sleep(20)

        assert run.changes == []
        assert run.view("BTC/USDC").symbol == "BTC/USDC"


async def test_an_explicit_quote_moves_to_a_venue_that_lists_it() -> None:
    async with house("binance", "coinbase") as run:
        run.feeds.want("BTC/USDT")
        await run.state("BTC/USDT", WatchState.LIVE)
        await run.heard("coinbase", "BTC/USDT")
        run.fault("binance", "outage=40s")
        await run.source("BTC/USDT", "coinbase")

        assert run.view("BTC/USDT").symbol == "BTC/USDT"
        latest = run.market.latest("BTC/USDT")
        assert latest is not None
        await until(lambda: run.market.latest("BTC/USDT").source == "coinbase")  # type: ignore[union-attr]
        entry = run.market.entry("BTC/USDT")
        await until(lambda: entry.is_covered)


@pytest.mark.parametrize("fault", ["silence=deaf for=60s", "silence=pongs for=60s", "outage=60s"])
async def test_a_venue_that_fails_is_left_within_ten_seconds(fault: str) -> None:
    async with house("binance", "kraken") as run:
        run.feeds.want("BTC")
        await run.state("BTC", WatchState.LIVE)
        await run.heard("kraken", "BTC/USD")
        run.fault("binance", fault)

        assert await run.source("BTC", "kraken") <= 10


async def test_a_venue_whose_price_is_wrong_is_left() -> None:
    """A tape of its own, 10 % higher, plays the venue that is wrong."""
    async with house("binance", "coinbase", "kraken") as run:
        run.feeds.want("BTC")
        await run.state("BTC", WatchState.LIVE)
        await run.heard("coinbase", "BTC/USD")
        await run.heard("kraken", "BTC/USD")
        astray = Tape(7, ["BTC", "ETH"], start_at=run.tape.start_at, trades_per_second=4.0)
        astray.jump("BTC", 10.0)
        venue_tape = run.servers["binance"].dialect.market.tape
        honest, venue_tape.tape = venue_tape.tape, astray
        took = await run.source("BTC", "coinbase")
        assert took <= 15
        assert "far from the others" in run.changes[0].reason
        venue_tape.tape = honest
        await run.source("BTC", "binance")


async def test_a_venue_that_flaps_waits_longer_each_time() -> None:
    async with house("binance", "coinbase") as run:
        run.feeds.want("BTC")
        await run.state("BTC", WatchState.LIVE)
        await run.heard("coinbase", "BTC/USD")
        away: list[float] = []
        for _turn in range(3):
            run.fault("binance", "silence=deaf for=12s")
            await run.source("BTC", "coinbase")
            left = run.clock.monotonic()
            await run.source("BTC", "binance", 20)
            away.append(run.clock.monotonic() - left)

        assert away[2] > away[0]
        assert away[2] >= 40, "10, 20, 40 seconds after it is well"


async def test_prices_are_polled_where_no_stream_serves() -> None:
    async with house("binance") as run:
        run.feeds.want("BTC")
        await run.state("BTC", WatchState.LIVE)
        tickers: list[Ticker] = []
        run.bus.attach(tickers.append, (Ticker,))
        run.fault("binance", "silence=deaf for=10m")
        took = await run.state("BTC", WatchState.POLLED, 20)

        assert took <= 30
        latest = run.market.latest("BTC/USDT")
        assert latest is not None
        assert latest.kind is PriceKind.POLLED
        assert any(each.polled for each in tickers)


async def test_a_symbol_no_venue_lists_is_refused_in_words() -> None:
    async with house("binance", "coinbase", "kraken") as run:
        run.feeds.want("NOPE")
        run.feeds.want("BTC")
        await run.state("NOPE", WatchState.REFUSED)
        for words in (
            "Binance lists no NOPE/USDT",
            "NOPE-USD is not a valid product",
            "Currency pair not supported NOPE/USD",
        ):
            await until(partial(lambda text: text in run.view("NOPE").reason, words))
        await run.state("BTC", WatchState.LIVE)
        await run.heard("coinbase", "BTC/USD")
        await run.heard("kraken", "BTC/USD")
        refused = run.servers["coinbase"].violations.total()
        await run.clock.sleep(60)
        assert run.servers["coinbase"].violations.total() == refused, "it is not asked again and again"
        assert run.view("BTC").reason == ""


async def test_a_venue_that_refuses_is_no_reason_to_refuse_the_watch() -> None:
    async with house("coinbase", "binance") as run:
        run.feeds.want("BTC/USDC")
        await run.source("BTC/USDC", "binance")

        assert run.view("BTC/USDC").state is WatchState.FALLBACK


async def test_a_provider_added_while_running_is_connected() -> None:
    async with house("binance", "kraken") as run:
        other = PriceFeedManager(clock=run.clock, addresses=run.feeds._addresses)
        await other.start()
        other.add_provider("kraken", ["ETH"], is_primary=True)
        await until(lambda: (found := other.find("ETH")) is not None and found.state is WatchState.LIVE)
        await other.stop()


def test_a_list_of_symbols_is_split_at_commas() -> None:
    assert symbols_of(" BTC, ETH ,,") == ["BTC", "ETH"]
    assert symbols_of("") == []
