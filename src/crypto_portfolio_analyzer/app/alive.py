"""Signs of life: to an address of the operator's while all is well, and to systemd while the process turns.

Both work by absence: whoever waits for the sign raises the alarm when it does not come.
"""

import asyncio
import logging
import os
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import aiohttp

from crypto_portfolio_analyzer.app.pings import Ping
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds that the operator's address may take to answer."""


class LifeSign:
    """Asks an address every so many seconds, but only while everything the process needs is well."""

    def __init__(
        self,
        url: str | None,
        seconds: float,
        clock: Clock,
        pings: Callable[[], Awaitable[Sequence[Ping]]],
    ) -> None:
        self._url, self._seconds, self._clock, self._pings = url, seconds, clock, pings
        self._nursery = Nursery()
        self._last = "sent"
        self.counts: Counter[str] = Counter()
        """Signs by outcome: `sent`, `failed`, or `withheld` because something is not well."""

    async def start(self) -> None:
        """Begin, if there is an address, and if systemd keeps a watchdog, begin to calm that."""
        await self._nursery.start()
        if self._url is not None:
            self._nursery.spawn(self._signal(self._url), name="signs of life")
        watchdog = watchdog_seconds()
        if watchdog is not None:
            self._nursery.spawn(self._calm(watchdog / 2), name="systemd's watchdog")

    async def stop(self) -> None:
        """End."""
        await self._nursery.stop()

    async def _signal(self, url: str) -> None:
        while True:
            await self._clock.sleep(self._seconds)
            ill = [ping.name for ping in await self._pings() if ping.needed and not ping.ok]
            self._note("withheld" if ill else await _ask(url), ill)

    async def _calm(self, seconds: float) -> None:
        while True:
            tell_systemd("WATCHDOG=1")
            await asyncio.sleep(seconds)  # the machine's own time, as systemd's

    def _note(self, outcome: str, ill: list[str]) -> None:
        """Count an outcome, and log it if it is another than the last; the address is a secret."""
        self.counts[outcome] += 1
        if outcome != self._last:
            self._last = outcome
            level = logging.INFO if outcome == "sent" else logging.WARNING
            logger.log(level, "signs of life changed", extra={"outcome": outcome, "not_well": ill})


async def _ask(url: str) -> str:
    try:
        async with (
            asyncio.timeout(PATIENCE),
            aiohttp.ClientSession(trust_env=False) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            return "sent" if answer.status < 300 else "failed"
    except (aiohttp.ClientError, OSError, TimeoutError):
        return "failed"


def tell_systemd(state: str) -> None:
    """Tell the service manager that started us how we are; source: sd_notify(3). Nobody else is told anything."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address[:1] not in ("/", "@"):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.setblocking(False)
        out.connect("\0" + address[1:] if address[0] == "@" else address)
        out.sendall(state.encode())


def watchdog_seconds() -> float | None:
    """Return after how many seconds of silence systemd ends this process; None if it does not."""
    wanted, of = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", str(os.getpid()))
    return int(wanted) / 1e6 if wanted.isdigit() and int(wanted) and of == str(os.getpid()) else None
