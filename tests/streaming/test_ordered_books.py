"""Books stay in step with the venue through cuts and losses."""

import pytest

from crypto_portfolio_analyzer.core.market import BookDelta, BookSnapshot
from crypto_portfolio_analyzer.core.venues import Channel
from tests.streaming.rig import Rig, rig
from tests.streaming.wire import until

VENUES = pytest.mark.parametrize("venue", ["binance", "coinbase", "kraken"])
WANTED = (Channel.TRADES, Channel.BOOK)


async def in_step(run: Rig) -> None:
    """Wait until the first symbol's book shows prices around its trades."""

    def is_right() -> bool:
        seat = run.feed.seat(run.symbols[0])
        best = seat.book.best() if seat.book is not None else None
        latest = run.market.latest(run.symbols[0])
        price = latest.price if latest is not None else 0.0
        return best is not None and price > 0 and 0.99 < best[0][0] / price < best[1][0] / price < 1.01

    await until(is_right, 15)


@VENUES
async def test_a_book_follows_the_market(venue: str) -> None:
    async with rig(venue, symbols=("BTC",), channels=WANTED) as run:
        told: list[BookSnapshot | BookDelta] = []
        run.bus.attach(told.append, (BookSnapshot, BookDelta))
        await in_step(run)
        await until(lambda: len(told) > 5, 10)

        assert run.server.violations.total() == 0


@VENUES
async def test_a_book_is_rebuilt_after_a_cut(venue: str) -> None:
    async with rig(venue, symbols=("BTC",), channels=WANTED) as run:
        await in_step(run)
        run.fault("outage=10s")
        await run.sleep(10)
        await run.flowing(3, timeout=30)
        await in_step(run)

        book = run.feed.seat(run.symbols[0]).book
        assert book is not None
        assert not book.is_crossed
        assert run.server.violations.total() == 0


async def test_a_snapshot_that_cannot_be_had_is_asked_for_again() -> None:
    async with rig("binance", symbols=("BTC",), channels=WANTED) as run:
        await in_step(run)
        run.fault("rest=503 for=15s")
        run.fault("close=1006")
        await run.sleep(16)
        await in_step(run)


async def test_nobody_keeps_a_book_that_is_not_wanted() -> None:
    async with rig("coinbase", symbols=("BTC",)) as run:
        assert run.feed.seat(run.symbols[0]).book is None
