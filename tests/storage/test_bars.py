"""Tests of storage/bars.py."""

import asyncio

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from crypto_portfolio_analyzer.core.market import Bar, BarKind
from crypto_portfolio_analyzer.core.timeframes import DAY, MINUTE, parse_timeframe
from crypto_portfolio_analyzer.errors import StorageError
from crypto_portfolio_analyzer.storage import bars as module
from crypto_portfolio_analyzer.storage.bars import BarStore
from crypto_portfolio_analyzer.storage.database import Database

START = 1_751_500_800 * 10**9  # 2025-07-03T00:00:00Z


def bar(number=0, timeframe="1m", symbol="BTC/USDT", venue="binance", price=100.1, **changes):
    length = parse_timeframe(timeframe).length
    open_at = START + number * length
    made = Bar(
        venue, symbol, timeframe, open_at, open_at + length, price, price + 2.0, price - 2.0, price + 1.0,
        1.5, True, open_at + length + 1, 150.15, 0.5, 3, BarKind.LIVE,
    )  # fmt: skip
    return replace(made, **changes)


async def loaded(store, timeframe="1m", **span):
    return await store.load("binance", "BTC/USDT", timeframe, **span)


async def test_bars_come_back_as_they_were_saved(database):
    store = BarStore(database)
    taken = [bar(0), bar(1, kind=BarKind.EMPTY, volume=0.0), bar(2, price=1e-12, trades=2**40)]

    assert await store.save(taken) == 3

    assert await loaded(store) == taken


async def test_bars_survive_a_restart(database, database_url):
    await BarStore(database).save([bar()])
    await database.stop()

    again = Database(database_url)
    await again.start()

    assert await loaded(BarStore(again)) == [bar()]
    await again.stop()


async def test_saving_again_writes_over_and_says_how_many(database):
    store = BarStore(database)
    await store.save([bar(0), bar(1)])

    assert await store.save([bar(1, volume=9.0), bar(1, volume=10.0), bar(2)]) == 2

    assert [row.volume for row in await loaded(store)] == [1.5, 10.0, 1.5]


async def test_forming_bars_are_left_out(database):
    store = BarStore(database)

    assert await store.save([bar(0, closed=False)]) == 0
    assert await store.save([]) == 0
    assert await loaded(store) == []


async def test_venues_symbols_and_timeframes_are_apart(database):
    store = BarStore(database)
    others = [bar(venue="kraken"), bar(symbol="ETH/USDT"), bar(timeframe="5m")]
    await store.save([bar(), *others])

    assert await loaded(store) == [bar()]
    assert await store.load("kraken", "BTC/USDT", "1m") == [others[0]]
    assert await loaded(store, "5m") == [others[2]]


@pytest.mark.parametrize(
    ("span", "numbers"),
    [
        ({}, [0, 1, 2, 3]),
        ({"start": 1}, [1, 2, 3]),
        ({"end": 2}, [0, 1]),
        ({"limit": 2}, [2, 3]),
        ({"start": 1, "limit": 2}, [1, 2]),
        ({"end": 3, "limit": 2}, [1, 2]),
        ({"start": 1, "end": 3}, [1, 2]),
        ({"start": 9}, []),
        ({"limit": 0}, []),
    ],
)
async def test_bars_are_loaded_in_slices(database, span, numbers):
    store = BarStore(database)
    await store.save([bar(number) for number in range(4)])
    bounds = {name: START + value * MINUTE if name != "limit" else value for name, value in span.items()}

    assert [(row.open_at - START) // MINUTE for row in await loaded(store, **bounds)] == numbers


async def test_more_than_a_batch_is_saved(database, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 100)
    store = BarStore(database)

    assert await store.save([bar(number) for number in range(1234)]) == 1234

    assert len(await loaded(store, limit=5000)) == 1234


async def test_batch_is_written_whole_or_not_at_all_and_may_be_saved_again(database, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 10)
    store = BarStore(database)
    bars = [bar(number) for number in range(25)]

    with pytest.raises(StorageError, match=r"(?i)null"):
        await store.save([*bars[:15], replace(bars[15], close=None), *bars[16:]])

    assert await loaded(store) == bars[:10]
    assert await store.save(bars) == 25
    assert await loaded(store) == bars


async def test_writers_at_once_neither_lose_nor_block(database):
    store = BarStore(database)
    symbols = [f"S{number}/USDT" for number in range(20)]

    async def write(order):
        await store.save([bar(number, symbol=symbol) for symbol in order for number in range(20)])

    async with asyncio.timeout(20):
        await asyncio.gather(*(write(order) for order in [symbols, symbols[::-1]] * 5))

    found = await asyncio.gather(*(store.load("binance", symbol, "1m") for symbol in symbols))
    assert [len(rows) for rows in found] == [20] * 20


async def test_old_bars_are_pruned_by_timeframe(database, monkeypatch):
    monkeypatch.setattr(module, "PRUNE_BATCH", 7)
    store = BarStore(database)
    now = START + 400 * DAY
    for timeframe in ("1m", "30m", "45m", "12h", "1d", "1w"):
        length = parse_timeframe(timeframe).length
        opens = [now - age * DAY for age in (0, 29, 31, 179, 181, 399)]
        await store.save([bar(0, timeframe, open_at=at, close_at=at + length) for at in opens])
    await store.save([bar(number) for number in range(50)])

    pruned = await store.prune(now)

    kept = {name: len(await loaded(store, name)) for name in ("1m", "30m", "45m", "12h", "1d", "1w")}
    assert kept == {"1m": 2, "30m": 4, "45m": 6, "12h": 6, "1d": 6, "1w": 6}
    assert pruned == 50 + 4 + 2
    assert await store.prune(now) == 0


async def test_retention_of_zero_keeps_everything(database):
    store = BarStore(database, retention_days=0)
    await store.save([bar()])

    assert await store.prune(START + 10_000 * DAY) == 0


async def test_people_can_read_the_times(database):
    await BarStore(database).save([bar(received_at=START + 60_123_456_789)])

    async with database.reading() as connection:
        query = text(
            "select cast(open_at as text) as opened, cast(received_at as text) as received from readable_bars"
        )
        row = (await connection.execute(query)).one()

    assert row.opened.replace("T", " ").startswith("2025-07-03 00:00:00")
    assert row.received.replace("T", " ").startswith("2025-07-03 00:01:00.123")


async def test_what_is_held_is_told_by_market_and_timeframe(database):
    store = BarStore(database)
    await store.save([bar(0), bar(1), bar(4), bar(0, "1h"), bar(2, symbol="ETH/USDT", venue="kraken")])

    held = await store.held()

    assert [(each.venue, each.symbol, each.timeframe, each.count) for each in held] == [
        ("binance", "BTC/USDT", "1h", 1),
        ("binance", "BTC/USDT", "1m", 3),
        ("kraken", "ETH/USDT", "1m", 1),
    ]
    assert (held[1].first_at, held[1].last_at) == (START, START + 4 * MINUTE)
