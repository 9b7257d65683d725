"""A ccxt client behind the transport port, played by a fake of ccxt's shape."""

import asyncio
from types import SimpleNamespace

from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.core.market import Trade
from crypto_portfolio_analyzer.core.venues import Channel, Subscription
from crypto_portfolio_analyzer.exchanges.ccxt_exchange import named
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.rest import RestClient
from crypto_portfolio_analyzer.streaming.transports.ccxt_transport import CcxtTransport
from crypto_portfolio_analyzer.streaming.venue import VenueFeed
from tests.fakes import NOON
from tests.streaming.wire import until


class BadSymbol(Exception):
    """Called as ccxt calls it."""


class FakeKucoin:
    """A client of ccxt.pro: one trade every ten milliseconds, one market."""

    closed = 0

    def __init__(self, config: dict[str, object]) -> None:
        self.config, self._number = config, 0

    async def watch_trades(self, symbol: str) -> list[dict[str, object]]:
        if symbol != "BTC/USDT":
            raise BadSymbol(f"kucoin has no market {symbol}")
        await asyncio.sleep(0.01)
        self._number += 1
        at = NOON // 10**6 + self._number
        return [
            {"symbol": symbol, "timestamp": at, "side": "sell", "price": 100.0 + self._number, "amount": 1.0}
        ]

    async def watch_ticker(self, symbol: str) -> dict[str, object]:
        await asyncio.sleep(0.01)
        return {"symbol": symbol, "last": 100.0, "timestamp": NOON // 10**6}

    async def close(self) -> None:
        FakeKucoin.closed += 1


def load(_module: str) -> SimpleNamespace:
    return SimpleNamespace(exchanges=["kucoin"], kucoin=FakeKucoin)


async def test_a_feed_over_ccxt_delivers_trades_and_names_what_is_refused() -> None:
    clock, bus = SystemClock(), StreamEventBus()
    exchange, heard = named("ccxt:kucoin")(), list[Trade]()
    market = Market(clock=clock, bus=bus)
    rest = RestClient("", exchange.limits, clock)
    feed = VenueFeed(exchange, clock=clock, market=market, bus=bus, rest=rest, transport=CcxtTransport(load))
    bus.attach(heard.append, (Trade,))
    feed.subscribe([Subscription("BTC/USDT", Channel.TRADES), Subscription("NO/PE", Channel.TRADES)])
    feed.seat("BTC/USDT").entry = market.entry("BTC/USDT")

    await feed.start()
    await until(lambda: len(heard) > 5 and feed.refusal("NO/PE"))
    await feed.stop()

    assert [trade.price for trade in heard] == sorted(trade.price for trade in heard)
    assert "no market NO/PE" in (feed.refusal("NO/PE") or "")
    assert FakeKucoin.closed == 1
