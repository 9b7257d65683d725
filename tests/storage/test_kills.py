"""No acknowledged firing is lost and none stored twice, whenever the process dies."""

import asyncio
import os
import random
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from crypto_portfolio_analyzer.core.alerts import firing_id
from crypto_portfolio_analyzer.failpoints import VARIABLE
from tests.storage import storm
from tests.storage.made import NOW, add_channel, rows, standing

ROOT = Path(__file__).resolve().parents[2]
CHANNELS = ("desk", "phone")
COMMIT_SECONDS = 0.03


@pytest.fixture
async def prepared(store, database):
    for owner in storm.OWNERS:
        for name in CHANNELS:
            await add_channel(database, name, owner)
    await store.create(storm.ALERTS, NOW, "ada")


async def killed(url, *, failpoint="", after=None):
    """Run the storm until it dies at a failpoint, or is killed `after` seconds of commits; return what it stored."""
    storming = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.storage.storm", url,
        stdout=asyncio.subprocess.PIPE, cwd=ROOT, env=os.environ | {VARIABLE: failpoint},
    )  # fmt: skip
    assert storming.stdout is not None
    said = [await storming.stdout.readline()]
    with suppress(TimeoutError):
        async with asyncio.timeout(after):
            said += [line async for line in storming.stdout]
    if after is not None:
        storming.kill()
    said += [line async for line in storming.stdout]
    assert await storming.wait() == -9
    return [line.decode().strip() for line in said if line.endswith(b"\n")]


async def stored_ids(database):
    return sorted(row[0] for row in await rows(database, "select id from firings"))


async def check(store, database, database_url, acknowledged):
    """Let the storm end in peace; compare what is stored with what was decided, all of it and once."""
    last = await storm.reached(store) + 1
    await storm.run(database_url, last)
    ids = sorted(
        firing_id(each.id, 1, each.symbols[0], str(step))
        for each in storm.ALERTS
        for step in range(1, last + 1)
    )
    assert await stored_ids(database) == ids
    assert len(acknowledged) == len(set(acknowledged))  # what was lost would have been stored again
    deliveries = "select firing_id, count(*) from deliveries group by firing_id"
    assert sorted(await rows(database, deliveries)) == [(each, len(CHANNELS)) for each in ids]
    fired = "select count(*) from audit where action = 'alert.fired'"
    assert await rows(database, fired) == [(len(ids),)]
    for owner in storm.OWNERS:
        feed = await store.firings(owner, after_seq=0, limit=len(ids))
        assert [each.seq for each in feed] == list(range(1, len(ids) // len(storm.OWNERS) + 1))
    by_id = sorted(storm.ALERTS, key=lambda each: each.id)
    assert await store.standings() == [standing(each, last + 1) for each in by_id]
    assert await storm.reached(store) == last


async def test_kill_around_a_commit_loses_and_doubles_nothing(store, database, database_url, prepared):
    said = await killed(database_url, failpoint="before_commit:3")
    assert await storm.reached(store) == 2
    assert await stored_ids(database) == sorted(said)

    more = await killed(database_url, failpoint="after_commit:3")
    assert await storm.reached(store) == 4
    assert len(more) == len(storm.ALERTS)
    assert set(said + more) < set(await stored_ids(database))

    said += more + await killed(database_url, after=COMMIT_SECONDS)
    assert set(said) <= set(await stored_ids(database))
    await check(store, database, database_url, said)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_two_hundred_kills_lose_and_double_nothing(store, database, database_url, prepared):
    dice = random.Random(3)
    said = []
    for _ in range(200):
        said += await killed(database_url, after=dice.uniform(0, 3 * COMMIT_SECONDS))
        assert set(said) <= set(await stored_ids(database))

    await check(store, database, database_url, said)
