"""A house for a browser to look at: the application with a market of many symbols that all trade all the time.

Trades are put into the market by hand: what is measured is the page, and a simulated venue would take a core from it.
usage: page_house.py [symbols] [trades per second and symbol]; prints the one-time link, ends with its stdin.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from random import Random

import uvloop

from crypto_portfolio_analyzer.api.server import Server
from crypto_portfolio_analyzer.app import App, build
from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.core.market import Instrument, Ticker, Trade
from crypto_portfolio_analyzer.engine.drafts import draft_of
from crypto_portfolio_analyzer.settings import ExchangeSettings, Settings
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN

SYMBOLS, RATE = 500, 10.0
TURNS = 50
"""Turns of the market per second; in each a fifth of the symbols trade once at ten trades a second."""
ALERTS = 40
"""Alerts that stand on the first symbols, so that nearest alerts are shown and some fire."""
PAST_MINUTES = 240
MINUTE = 60 * 10**9
NOWHERE = ExchangeSettings(ws_url="ws://127.0.0.1:9", rest_url="http://127.0.0.1:9")


class Walk:
    """Prices that wander, each by its own tick."""

    def __init__(self, app: App, count: int) -> None:
        self._app, self._random, self._number = app, Random(7), 0
        self.prices = {f"Q{index:03d}/USDT": 10.0 ** self._random.uniform(-1, 4.5) for index in range(count)}
        self.ticks = {symbol: 10.0 ** (len(str(int(price))) - 6) for symbol, price in self.prices.items()}
        self._app.market.learn(
            [
                Instrument("binance", symbol, symbol.replace("/", ""), symbol[:4], "USDT", self.ticks[symbol])
                for symbol in self.prices
            ]
        )

    def past(self) -> None:
        """Let a few hours have happened."""
        now = self._app.clock.now()
        for symbol, price in self.prices.items():
            opened = price * self._random.uniform(0.9, 1.1)
            ticker = Ticker("binance", symbol, price, now, now, open_24h=opened, volume_24h=1e9 / price)
            self._app.market.entry(symbol).ticker(ticker)
            for minute in range(0, PAST_MINUTES, 5):
                self._trade(symbol, now - (PAST_MINUTES - minute) * MINUTE)

    def step(self, symbols: list[str]) -> None:
        """Let these trade now."""
        now = self._app.clock.now()
        for symbol in symbols:
            self._trade(symbol, now)

    def _trade(self, symbol: str, at: int) -> None:
        self._number += 1
        tick = self.ticks[symbol]
        price = self.prices[symbol] = max(tick, self.prices[symbol] + tick * self._random.randint(-9, 9))
        trade = Trade("binance", symbol, round(price / tick) * tick, 1.0, "buy", self._number, at, at)
        self._app.market.entry(symbol).trade(trade)
        self._app.bus.emit(trade)


async def move(walk: Walk, rate: float) -> None:
    """Let every symbol trade `rate` times a second."""
    symbols, loop = list(walk.prices), asyncio.get_running_loop()
    done, begin = 0, loop.time()
    while True:
        await asyncio.sleep(1 / TURNS)
        owed = int((loop.time() - begin) * rate * len(symbols)) - done
        walk.step([symbols[(done + place) % len(symbols)] for place in range(owed)])
        done += owed


async def house(count: int, rate: float, folder: Path) -> None:
    """Serve the application until stdin ends."""
    names = tuple(f"Q{index:03d}/USDT" for index in range(count))
    settings = Settings(
        data_dir=folder,
        database_url=f"sqlite+aiosqlite:///{folder}/analyzer.db",
        symbols=names,
        exchanges=dict.fromkeys(("binance", "coinbase", "kraken"), NOWHERE),
    )
    app = build(settings, clock=SystemClock(), simulated=True)
    walk = Walk(app, count)
    async with app, Server(app, host="127.0.0.1", port=0) as server, asyncio.TaskGroup() as group:
        walk.past()
        moving = group.create_task(move(walk, rate))
        await add_alerts(app, walk)
        print(await server.login_url(), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        moving.cancel()


async def add_alerts(app: App, walk: Walk) -> None:
    """Arm levels near some prices."""
    for number, (symbol, price) in enumerate(list(walk.prices.items())[:ALERTS]):
        fields = {
            "name": f"{symbol} level",
            "symbol": symbol,
            "condition": f"price crosses above {price * (1 + 0.001 * number):.8f}",
            "trigger": "every_time",
            "cooldown_seconds": 30,
        }
        draft = draft_of(fields, now=app.clock.now(), source="api")
        await app.alerts.create(LOCAL_ADMIN, [draft], actor=LOCAL_ADMIN)


def main() -> None:
    """Serve."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SYMBOLS
    rate = float(sys.argv[2]) if len(sys.argv) > 2 else RATE
    with tempfile.TemporaryDirectory() as folder:
        uvloop.run(house(count, rate, Path(folder)))


if __name__ == "__main__":
    main()
