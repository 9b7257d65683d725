"""What must survive is written once, in batches, whatever the store does meanwhile."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from crypto_portfolio_analyzer.core.coverage import CoverageStatus
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.errors import StorageUnavailable
from crypto_portfolio_analyzer.storage.bars import BarStore
from crypto_portfolio_analyzer.storage.coverage import CoverageStore
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.schema import upgrade
from crypto_portfolio_analyzer.streaming import keeping
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.keeping import Keeper
from tests.fakes import MINUTE, NOON, SECOND, FakeClock
from tests.streaming.wire import until


def bar(minute: int, close: float = 100.0, *, closed: bool = True) -> Bar:
    open_at = NOON + minute * MINUTE
    return Bar(
        "binance",
        "BTC/USDT",
        "1m",
        open_at,
        open_at + MINUTE,
        100.0,
        110.0,
        90.0,
        close,
        5.0,
        closed,
        open_at,
    )


class MoodyStore(BarStore):
    """The real store, whose database can be made unreachable or slow."""

    is_down = False
    calls = 0

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.gate = asyncio.Event()
        self.gate.set()

    async def save(self, bars: Sequence[Bar]) -> int:
        self.calls += 1
        await self.gate.wait()
        if self.is_down:
            raise StorageUnavailable("away")
        return await super().save(bars)


class Cellar:
    """A keeper with real stores on a file."""

    def __init__(self, database: Database) -> None:
        self.clock = FakeClock(NOON)
        self.bus = StreamEventBus(clock=self.clock)
        self.feeds = PriceFeedManager(clock=self.clock, bus=self.bus)
        self.bars, self.coverage = MoodyStore(database), CoverageStore(database)
        self.keeper = Keeper(self.feeds, self.bus, self.bars, self.coverage, self.clock)

    async def stored(self) -> list[float]:
        """Return the closes of the stored bars."""
        return [each.close for each in await self.bars.load("binance", "BTC/USDT", "1m")]


@pytest.fixture
async def cellar(tmp_path: Path):
    url = f"sqlite+aiosqlite:///{tmp_path}/kept.db"
    await upgrade(url)
    database = Database(url)
    await database.start()
    yield Cellar(database)
    await database.stop()


async def test_closed_bars_are_stored_once_and_forming_ones_never(cellar: Cellar) -> None:
    for minute in range(3):
        cellar.bus.emit(bar(minute))
    cellar.bus.emit(bar(3, closed=False))
    await cellar.keeper.flush()
    await cellar.keeper.flush()

    assert await cellar.stored() == [100.0] * 3
    assert (cellar.keeper.saved, cellar.bars.calls) == (3, 1)


async def test_a_corrected_bar_replaces_the_stored_one(cellar: Cellar) -> None:
    cellar.bus.emit(bar(0, 100.0))
    await cellar.keeper.flush()
    cellar.bus.emit(bar(0, 101.0))
    cellar.bus.emit(bar(0, 102.0))
    await cellar.keeper.flush()

    assert await cellar.stored() == [102.0]


async def test_what_a_store_that_is_away_missed_is_written_later(
    cellar: Cellar, caplog: pytest.LogCaptureFixture
) -> None:
    cellar.bars.is_down = True
    for minute in range(5):
        cellar.bus.emit(bar(minute))
        await cellar.keeper.flush()
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1, "told once"
    cellar.bus.emit(bar(0, 105.0))
    cellar.bars.is_down = False
    await cellar.keeper.flush()

    assert await cellar.stored() == [105.0, 100.0, 100.0, 100.0, 100.0]
    assert cellar.keeper.dropped == 0


async def test_what_waits_is_bounded_and_what_is_dropped_counted(
    cellar: Cellar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MAX_WAITING", 3)
    for minute in range(5):
        cellar.bus.emit(bar(minute, 100.0 + minute))
    await cellar.keeper.flush()

    assert await cellar.stored() == [102.0, 103.0, 104.0]
    assert cellar.keeper.dropped == 2


async def test_it_writes_by_itself_and_the_rest_at_the_end(cellar: Cellar) -> None:
    await cellar.keeper.start()
    cellar.bus.emit(bar(0))
    await cellar.clock.advance(keeping.FLUSH_EVERY + 0.1)
    await until(lambda: cellar.keeper.saved == 1)
    cellar.bus.emit(bar(1))
    await cellar.keeper.stop()

    assert len(await cellar.stored()) == 2
    cellar.bus.emit(bar(2))
    assert len(await cellar.stored()) == 2


async def test_a_stop_in_the_middle_of_a_write_loses_nothing(cellar: Cellar) -> None:
    await cellar.keeper.start()
    cellar.bars.gate.clear()
    cellar.bus.emit(bar(0))
    await cellar.clock.advance(keeping.FLUSH_EVERY + 0.1)
    await until(lambda: cellar.bars.calls == 1)
    cellar.bus.emit(bar(1))

    async with asyncio.TaskGroup() as group:
        group.create_task(cellar.keeper.stop())
        await asyncio.sleep(0.01)
        cellar.bars.gate.set()

    assert len(await cellar.stored()) == 2


async def test_coverage_is_stored_as_it_grows(cellar: Cellar) -> None:
    cellar.feeds.add_provider("binance", ["BTC"])
    coverage = cellar.feeds.feeds["binance"].seat("BTC/USDT").coverage
    coverage.open_live(NOON + SECOND)
    coverage.extend(NOON + 10 * SECOND)
    await cellar.keeper.flush()
    coverage.close(NOON + 20 * SECOND)
    coverage.open_live(NOON + 30 * SECOND)
    coverage.extend(NOON + 40 * SECOND)
    await cellar.keeper.flush()
    await cellar.keeper.flush()

    kept = await cellar.coverage.load("binance", "BTC/USDT")
    assert [
        ((each.from_at - NOON) // SECOND, (each.until_at - NOON) // SECOND, each.status) for each in kept
    ] == [
        (0, 1, CoverageStatus.MISSING),
        (1, 20, CoverageStatus.LIVE),
        (20, 30, CoverageStatus.MISSING),
        (30, 40, CoverageStatus.LIVE),
    ]


async def test_old_bars_are_pruned_at_the_start(cellar: Cellar) -> None:
    await cellar.bars.save([bar(-60 * 24 * 40), bar(0)])
    await cellar.keeper.start()
    for _turn in range(100):
        await asyncio.sleep(0.01)
        if len(await cellar.stored()) == 1:
            break
    await cellar.keeper.stop()

    assert len(await cellar.stored()) == 1
