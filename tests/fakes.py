"""Named fakes: a clock that moves when told to, and facts that are easy to make."""

import asyncio
import heapq
from itertools import count

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.market import Bar, BarKind, Side, Ticker, Trade

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
NOON = 1_795_176_000 * SECOND
"""2026-11-20 12:00:00 UTC."""


class FakeClock:
    """A virtual clock: sleepers wake in order when `advance` passes their time."""

    def __init__(self, now: int = NOON) -> None:
        self._now = now
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def now(self) -> int:
        return self._now + int(self._elapsed * 1e9)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._numbers), waker))
        await waker

    async def advance(self, seconds: float) -> None:
        """Let virtual time pass, waking sleepers in order and letting the loop settle after each."""
        until = self._elapsed + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            at, _, waker = heapq.heappop(self._sleepers)
            self._elapsed = max(self._elapsed, at)
            if not waker.done():
                waker.set_result(None)
            await settle()
        self._elapsed = until
        await settle()


async def settle(turns: int = 5) -> None:
    """Let everything that is ready run."""
    for _ in range(turns):
        await asyncio.sleep(0)


def trade(
    number: int | None = 1,
    price: float = 100.0,
    quantity: float = 1.0,
    *,
    at: int = NOON,
    symbol: str = "BTC/USDT",
    venue: str = "binance",
    is_buy: bool = True,
    received_at: int | None = None,
) -> Trade:
    """Return a trade."""
    side: Side = "buy" if is_buy else "sell"
    came = at if received_at is None else received_at
    return Trade(venue, symbol, price, quantity, side, number, at, came)


def ticker(
    price: float = 100.0, *, at: int = NOON, symbol: str = "BTC/USDT", venue: str = "binance", **rest: object
) -> Ticker:
    """Return a ticker."""
    return Ticker(venue, symbol, price, at, at, **rest)  # type: ignore[arg-type]


def empty_after(bar: Bar, received_at: int) -> Bar:
    """Return the closed minute that follows `bar` when nothing was traded."""
    return replace(
        bar,
        open_at=bar.close_at,
        close_at=bar.close_at + MINUTE,
        open=bar.close,
        high=bar.close,
        low=bar.close,
        volume=0.0,
        quote_volume=0.0,
        buy_volume=0.0,
        trades=0,
        received_at=received_at,
        kind=BarKind.EMPTY,
    )
