"""A real house for the doors' tests: app, database, market and server are real, prices are put in by hand."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from crypto_portfolio_analyzer.api.identity import Role
from crypto_portfolio_analyzer.api.server import Server
from crypto_portfolio_analyzer.app import App, build
from crypto_portfolio_analyzer.clock import Clock, SystemClock
from crypto_portfolio_analyzer.core.market import Instrument, Ticker, Trade
from crypto_portfolio_analyzer.settings import ExchangeSettings, Settings
from crypto_portfolio_analyzer.storage.schema import upgrade

NOWHERE = ExchangeSettings(ws_url="ws://127.0.0.1:9", rest_url="http://127.0.0.1:9")
PATIENCE = 5.0
T = TypeVar("T")


class House:
    """The app behind a server, with the market in the hands of the test."""

    def __init__(self, app: App, server: Server) -> None:
        self.app, self.server = app, server
        self._numbers = 0

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def token(self) -> str:
        return self.server.doors.gate.local_token

    def tick(self, symbol: str, price: float, quantity: float = 1.0, *, at: int | None = None) -> None:
        """Let a trade happen."""
        now = self.app.clock.now()
        self._numbers += 1
        trade = Trade("binance", symbol, price, quantity, "buy", self._numbers, at or now, now)
        self.app.market.entry(symbol).trade(trade)
        self.app.bus.emit(trade)

    def ticker(self, symbol: str, price: float, **day: Any) -> None:
        """Let 24 h statistics arrive."""
        now = self.app.clock.now()
        ticker = Ticker("binance", symbol, price, now, now, **day)
        self.app.market.entry(symbol).ticker(ticker)
        self.app.bus.emit(ticker)

    def lists(self, symbol: str, tick_size: float | None = None) -> None:
        """Let the venue list a market."""
        base, _, quote = symbol.partition("/")
        self.app.market.learn([Instrument("binance", symbol, base + quote, base, quote, tick_size)])

    def client(self, **headers: str) -> httpx2.AsyncClient:
        """Return an HTTP client without credentials."""
        return httpx2.AsyncClient(base_url=self.url, headers=headers, timeout=PATIENCE)

    def owner(self) -> httpx2.AsyncClient:
        """Return an HTTP client of the machine's owner."""
        return self.client(authorization=f"Bearer {self.token}")

    async def login(self, name: str, role: Role = Role.TRADER) -> str:
        """Make an account, if there is none of that name, and return a token of it."""
        accounts, now = self.app.accounts, self.app.clock.now()
        if name not in {user.name for user in await accounts.users()}:
            await accounts.add_user(name, role, now)
        session, _ = await accounts.open_session(name, now)
        return self.server.doors.gate.signer.issue(name=name, role=role, session=session, now=now)

    async def member(self, name: str, role: Role = Role.TRADER) -> httpx2.AsyncClient:
        """Return an HTTP client of somebody else."""
        return self.client(authorization=f"Bearer {await self.login(name, role)}")

    @asynccontextmanager
    async def socket(self, query: str = "", **headers: str) -> AsyncIterator["Socket"]:
        """Connect an independent WebSocket client."""
        address = f"{self.url.replace('http', 'ws')}/ws{query}"
        async with connect(address, additional_headers=headers, compression=None) as connection:
            yield Socket(connection)

    @asynccontextmanager
    async def socket_of(self, name: str, role: Role = Role.TRADER) -> AsyncIterator["Socket"]:
        """Connect as somebody else."""
        async with self.socket(authorization=f"Bearer {await self.login(name, role)}") as socket:
            yield socket

    def owner_socket(self) -> Any:
        """Connect as the machine's owner."""
        return self.socket(authorization=f"Bearer {self.token}")


class Socket:
    """A WebSocket client that speaks JSON."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            heard: dict[str, Any] = json.loads(await self.connection.recv())
        return heard

    async def hear_all(self) -> list[dict[str, Any]]:
        """Return what comes until the server closes."""
        heard = []
        with suppress(ConnectionClosed):
            while True:
                heard.append(await self.hear())
        return heard

    async def hear_of(self, kind: str) -> dict[str, Any]:
        """Return the next message of a kind."""
        while True:
            message = await self.hear()
            if message["type"] == kind:
                return message


async def until(true: Callable[[], Awaitable[T]]) -> T:
    """Ask again and again until the answer is true; return it."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await true()):
            await asyncio.sleep(0.01)
    return found


def settings_in(folder: Path, **changes: Any) -> Settings:
    """Return settings whose data live in `folder` and whose venue is nowhere."""
    values: dict[str, Any] = {
        "data_dir": folder,
        "database_url": f"sqlite+aiosqlite:///{folder}/analyzer.db",
        "symbols": ("BTC", "ETH/USDT"),
        "host": "127.0.0.1",
        "port": 0,
        "requests_per_minute": 10**6,
        "address_requests_per_minute": 10**6,
        "exchanges": dict.fromkeys(("binance", "coinbase", "kraken"), NOWHERE),
    }
    return Settings(**{**values, **changes})


@asynccontextmanager
async def open_house(
    folder: Path, *, clock: Clock | None = None, simulated: bool = False, **changes: Any
) -> AsyncIterator[House]:
    """Build and serve an app whose feeds never start: the test is the market."""
    settings = settings_in(folder, **changes)
    app = build(settings, clock=clock or SystemClock(), simulated=simulated)
    await upgrade(settings.database_url)
    await app.database.start()
    await app.bus.start()
    app.feeds.add_provider("binance", is_primary=True)
    for symbol in settings.symbols:
        app.feeds.want(symbol)
    await app.portfolios.start()
    await app.delivery.start()
    await app.alerts.start()
    try:
        async with Server(app, host=settings.host, port=settings.port) as server:
            yield House(app, server)
    finally:
        await app.alerts.stop()
        await app.delivery.stop()
        for feed in app.feeds.feeds.values():  # the past was asked for by REST, although no feed was started
            await feed.rest.close()
        await app.bus.stop()
        await app.database.stop()
