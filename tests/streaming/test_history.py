"""The past is fetched beside the live streams, once, and nobody waits for it."""

from itertools import pairwise

import pytest

from crypto_portfolio_analyzer.core.timeframes import parse_timeframe
from crypto_portfolio_analyzer.errors import FeedError
from crypto_portfolio_analyzer.streaming.history import past_bars
from crypto_portfolio_analyzer.streaming.views import WatchState
from tests.streaming.house import house
from tests.streaming.wire import until


@pytest.mark.parametrize(
    ("venue", "symbol"), [("binance", "BTC/USDT"), ("coinbase", "BTC/USD"), ("kraken", "BTC/USD")]
)
async def test_a_new_symbol_gets_its_bars_and_the_venue_its_list(venue: str, symbol: str) -> None:
    async with house(venue) as run:
        run.feeds.want("BTC")
        await until(lambda: len(run.market.bars(symbol, "1m", limit=1000)) >= 290, 15)
        await until(lambda: run.market.is_listed(venue, symbol))

        bars = run.market.bars(symbol, "1m", limit=1000)
        opens = [bar.open_at for bar in bars]
        assert opens == sorted(set(opens))
        assert run.market.is_listed(venue, "NOPE/USD") is False
        assert len(run.market.closes(symbol)) >= 12
        assert run.market.instrument(symbol) is not None
        assert run.servers[venue].violations.total() == 0


async def test_a_dead_rest_side_delays_no_price() -> None:
    async with house("binance") as run:
        run.fault("binance", "rest=503 for=10m")
        run.feeds.want("BTC")
        await run.state("BTC", WatchState.LIVE, 5)

        assert run.market.is_listed("binance", "BTC/USDT") is None
        assert run.servers["binance"].requests.total() <= 4


async def test_a_symbol_wanted_again_gets_its_bars_again() -> None:
    async with house("binance") as run:
        for _turn in range(2):
            run.feeds.want("BTC")
            await until(lambda: len(run.market.bars("BTC/USDT", "1m")) > 400, 15)
            run.feeds.release("BTC")
            assert run.market.bars("BTC/USDT", "1m") == []


async def test_bars_that_come_too_late_are_dropped() -> None:
    async with house("binance") as run:
        run.fault("binance", "slow=4s for=1h")
        run.feeds.want("BTC")
        await run.clock.sleep(6)
        run.feeds.release("BTC")
        await run.clock.sleep(12)

        assert run.market.symbols() == []


@pytest.mark.parametrize("timeframe", ["1m", "45m", "1d"])
async def test_past_bars_come_page_by_page_and_are_folded_where_a_venue_has_no_such_timeframe(
    timeframe: str,
) -> None:
    frame = parse_timeframe(timeframe)
    async with house("coinbase", scale=1.0) as run:
        end = frame.open_of(run.clock.now())
        start = end - (700 if timeframe == "1m" else 5) * frame.length
        bars = await past_bars(run.feeds.primary, "BTC/USD", timeframe, start, end)

        assert (bars[0].open_at, bars[-1].close_at) == (start, end)
        assert all(one.close_at == other.open_at for one, other in pairwise(bars))
        assert {each.timeframe for each in bars} == {timeframe}
        run.fault("coinbase", "rest=503 for=1h")
        with pytest.raises(FeedError):
            await past_bars(run.feeds.primary, "BTC/USD", timeframe, start, end)
