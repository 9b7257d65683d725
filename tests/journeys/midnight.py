"""A simulated venue whose prices move by script around one midnight UTC, when bars of every timeframe close."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from crypto_portfolio_analyzer.app import App, build
from crypto_portfolio_analyzer.settings import ExchangeSettings, Settings
from crypto_portfolio_analyzer.simulation.server import VenueServer
from crypto_portfolio_analyzer.simulation.tape import Tape

SECOND = 10**9
MIDNIGHT = 1_795_132_800 * SECOND
"""2026-11-20 00:00:00 UTC."""
AHEAD = 100.0
"""Seconds before midnight at which everything starts."""
LONGEST_LOOK = 0.02
"""Real seconds that may lie between two looks at the clock; more of them were a stall."""
HOUR, DAY = 3600, 86_400
PAST = 60 * DAY
"""Seconds of history that follow the script."""
NOWHERE = ExchangeSettings(ws_url="ws://127.0.0.1:9", rest_url="http://127.0.0.1:9")

Script = Sequence[tuple[float, float]]
"""Seconds from midnight and the price there, in order; between two of them it goes in a straight line."""


class MidnightClock:
    """Begins shortly before midnight at the pace of real time, and hurries when told to.

    While the processor is busy elsewhere no time passes: a stall must not look like facts that came late.
    """

    def __init__(self) -> None:
        self._scale, self._looked_at, self._elapsed = 1.0, time.monotonic(), 0.0

    def hurry(self, scale: float) -> None:
        """Let time pass `scale` times as fast from now on."""
        self.monotonic()
        self._scale = scale

    def now(self) -> int:
        return MIDNIGHT + int((self.monotonic() - AHEAD) * SECOND)

    def monotonic(self) -> float:
        looked_at, self._looked_at = self._looked_at, time.monotonic()
        self._elapsed += min(self._looked_at - looked_at, LONGEST_LOOK) * self._scale
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Wait in short pieces, so that who waits already hurries too."""
        until = self.monotonic() + seconds
        await asyncio.sleep(0)
        while (left := until - self.monotonic()) > 0:
            await asyncio.sleep(min(left / self._scale, 0.02))


def scripted(scripts: Mapping[str, Script], rates: dict[str, float]) -> Tape:
    """Return a calm market that follows the scripts; its trades are told one by one from 23:00 on."""
    start_at = MIDNIGHT - PAST * SECOND
    tape = Tape(
        7,
        tuple(scripts),
        start_at=start_at,
        trades_per_second=0.5,
        volatility=0.001,
        history=float(HOUR - PAST),
        rates=rates,
    )
    for number, script in enumerate(scripts.values()):
        drift = tape.path.relative(np.array([number]), np.array([MIDNIGHT]))[0]
        price, then = tape.assets[number].price * drift, -float(PAST)
        for at, wanted in script:
            tape.jump(
                tape.assets[number].name,
                100 * (wanted / price - 1),
                at=MIDNIGHT + int(then * SECOND),
                lasting=at - then,
            )
            price, then = wanted, at
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
