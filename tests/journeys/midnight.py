"""A simulated venue whose price moves by script around one midnight UTC, when bars of every timeframe close."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from crypto_portfolio_analyzer.app import App, build
from crypto_portfolio_analyzer.core.alerts import AlertState
from crypto_portfolio_analyzer.settings import ExchangeSettings, Settings
from crypto_portfolio_analyzer.simulation.server import VenueServer
from crypto_portfolio_analyzer.simulation.tape import Tape

SECOND = 10**9
MIDNIGHT = 1_795_132_800 * SECOND
"""2026-11-20 00:00:00 UTC."""
DAY = 86_400
PAST = 330 * DAY
"""Seconds of history that the path is scripted from."""
AHEAD = 100
"""Seconds before midnight at which the application starts."""
NOWHERE = ExchangeSettings(ws_url="ws://127.0.0.1:9", rest_url="http://127.0.0.1:9")


class Move(NamedTuple):
    """The price goes by `percent`, evenly over `lasting` seconds from `at` (seconds from midnight) on."""

    at: float
    percent: float
    lasting: float


class MidnightClock:
    """Begins shortly before midnight at the pace of real time, and hurries when told to."""

    def __init__(self, ahead: float = AHEAD) -> None:
        self._scale, self._real, self._elapsed = 1.0, time.monotonic(), 0.0
        self._began = MIDNIGHT - int(ahead * SECOND)

    def hurry(self, scale: float) -> None:
        """Let time pass `scale` times as fast from now on."""
        self._elapsed, self._real = self.monotonic(), time.monotonic()
        self._scale = scale

    def now(self) -> int:
        return self._began + int(self.monotonic() * SECOND)

    def monotonic(self) -> float:
        return self._elapsed + (time.monotonic() - self._real) * self._scale

    async def sleep(self, seconds: float) -> None:
        """Wait in short pieces, so that who waits already hurries too."""
        until = self.monotonic() + seconds
        await asyncio.sleep(0)
        while (left := until - self.monotonic()) > 0:
            await asyncio.sleep(min(left / self._scale, 0.02))


def tape_of(
    scripts: Mapping[str, Sequence[Move]], rates: dict[str, float], *, seed: int = 7
) -> Tape:
    """Return a calm market whose assets move as scripted; trades are told one by one from 23:00 on."""
    tape = Tape(
        seed,
        tuple(scripts),
        start_at=MIDNIGHT - PAST * SECOND,
        trades_per_second=0.5,
        volatility=0.004,
        history=3600.0 - PAST,
        rates=rates,
    )
    for asset, moves in scripts.items():
        for move in moves:
            tape.jump(asset, move.percent, at=MIDNIGHT + int(move.at * SECOND), lasting=move.lasting)
    tape.told_until = MIDNIGHT - AHEAD * SECOND
    return tape


@asynccontextmanager
async def running(tape: Tape, clock: MidnightClock, folder: Path) -> AsyncIterator[tuple[App, VenueServer]]:
    """Run the venue, and the real application on it and on a database file."""
    async with VenueServer("binance", tape, clock=clock) as server:
        binance = ExchangeSettings(ws_url=server.ws_url, rest_url=server.rest_url)
        settings = Settings(
            symbols=(),
            data_dir=folder,
            database_url=f"sqlite:///{folder}/analyzer.db",
            simulated=True,
            exchanges={"binance": binance, "coinbase": NOWHERE, "kraken": NOWHERE},
        )
        async with build(settings, clock=clock, simulated=True) as app:
            yield app, server
        assert server.failed is None
