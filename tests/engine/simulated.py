"""The whole application over a simulated venue, and an oracle that knows what had to fire."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from crypto_portfolio_analyzer.app import App, build
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.alerts import Alert, Cursor, Firing
from crypto_portfolio_analyzer.core.market import Trade
from crypto_portfolio_analyzer.engine.drafts import draft_of
from crypto_portfolio_analyzer.settings import ExchangeSettings, Settings
from crypto_portfolio_analyzer.simulation.server import VenueServer
from crypto_portfolio_analyzer.simulation.tape import Tape, TapeTrade
from tests.engine.rig import OWNER
from tests.fakes import SECOND

SYMBOL = "BTC/USDT"
SWING = 2.0
"""Seconds after which the simulated price goes up, or down again."""
NOWHERE = ExchangeSettings(ws_url="ws://127.0.0.1:9", rest_url="http://127.0.0.1:9")


@asynccontextmanager
async def venue(
    clock: Clock, *, rate: float = 4.0, swings: int = 300, swing: float = SWING, volatility: float = 0.03
) -> AsyncIterator[VenueServer]:
    """Run a simulated Binance with one market, whose price swings by half a percent so many times."""
    tape = Tape(7, ("BTC",), start_at=clock.now(), trades_per_second=rate, volatility=volatility)
    for turn in range(0, swings, 2):
        for percent, number in ((0.5, turn), (-0.4975, turn + 1)):
            tape.jump("BTC", percent, at=tape.start_at + int((number + 1) * swing * SECOND))
    async with VenueServer("binance", tape, clock=clock) as server:
        yield server
        assert server.failed is None


def settings(server: VenueServer, database_url: str, folder: Path) -> Settings:
    """Return settings that know no other venue."""
    binance = ExchangeSettings(ws_url=server.ws_url, rest_url=server.rest_url)
    return Settings(
        symbols=(),
        data_dir=folder,
        database_url=database_url,
        simulated=True,
        exchanges={"binance": binance, "coinbase": NOWHERE, "kraken": NOWHERE},
    )


@asynccontextmanager
async def platform(server: VenueServer, database_url: str, folder: Path, clock: Clock) -> AsyncIterator[App]:
    """Run the application on a simulated venue."""
    async with build(settings(server, database_url, folder), clock=clock, simulated=True) as app:
        yield app


async def ask(app: App, condition: str, name: str = "a", **fields: object) -> Alert:
    """Create an alert of BTC/USDT that fires every time."""
    asked = {"symbol": SYMBOL, "trigger": "every_time", "cooldown_seconds": 0, **fields}
    draft = draft_of({"name": name, "condition": condition, **asked}, now=app.clock.now())
    return (await app.alerts.create(OWNER, [draft], actor=OWNER))[0]


def middle(server: VenueServer) -> float:
    """Return the price half-way up a swing."""
    market = server.dialect.market
    index = next(at for at, each in enumerate(market.tape.listings) if each.symbol == SYMBOL)
    number = market.tape.listings[index].first_id + market.count(index, server.tape.start_at) - 1
    return round(float(server.truth(SYMBOL, number, number)[0].price) * 1.0025, 2)


def listen(app: App) -> list[int]:
    """Return a list that gets the id of every trade as it is judged."""
    heard: list[int] = []

    def hear(trade: Trade) -> None:
        assert trade.trade_id is not None
        heard.append(trade.trade_id)

    app.bus.attach(hear, (Trade,))
    return heard


def crossings(server: VenueServer, first: int, last: int, level: float) -> list[int]:
    """Return the ids of the trades at which the price crossed above a level, the first one being the reference."""
    return list(_crossings(server.truth(SYMBOL, first, last), level))


def _crossings(trades: Iterable[TapeTrade], level: float) -> Iterable[int]:
    was_below = False
    for trade in trades:
        difference = float(trade.price) - level
        if difference > 0 and was_below:
            yield trade.trade_id
        if difference:
            was_below = difference < 0


async def fired(app: App) -> list[Firing]:
    """Return every stored firing, oldest first."""
    return await app.alert_store.firings(OWNER, after_seq=0, limit=100_000)


async def check_truth(app: App, server: VenueServer, first: int, level: float) -> list[Firing]:
    """Assert that all that had to fire has fired, once; return it in order of events.

    From the first trade below the level on, up to the stored cursor: before it a ticker may have been the reference.
    """
    cursor = next(each for each in await app.alert_store.cursors() if each.symbol == SYMBOL)
    last = cursor.trade_id
    assert last is not None
    below = next(each for each in server.truth(SYMBOL, first, last) if float(each.price) < level)
    stored = [each for each in await fired(app) if _is_within(each, below, cursor)]
    stored.sort(key=lambda each: each.event_at)
    told = [each.evidence.trade_id for each in stored]
    expected = crossings(server, below.trade_id, last, level)
    odd = [each for each in stored if each.evidence.trade_id not in expected]
    assert told == expected, f"missing {set(expected) - set(told)}, extra {odd}"
    return stored


def _is_within(firing: Firing, first: TapeTrade, last: Cursor) -> bool:
    number = firing.evidence.trade_id
    if number is None:
        return first.at < firing.event_at < last.event_at
    assert last.trade_id is not None
    return first.trade_id < number <= last.trade_id
