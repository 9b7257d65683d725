"""No delivery is lost and none is told twice without a mark, whenever a worker dies."""

import asyncio
import os
import random
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from crypto_portfolio_analyzer.core.notices.notification import DeliveryState
from crypto_portfolio_analyzer.failpoints import VARIABLE
from tests.storage.made import NOW, add_channel, alert, fires
from tests.storage.sending import UNTIL
from tests.storage.telling import GROUP

ROOT = Path(__file__).resolve().parents[2]
CHANNELS = ("desk", "phone")
FAILPOINTS = ("before_claim_commit", "after_claim", "before_settle_commit", "after_settle")


async def worker(url, *, failpoint="", after=None):
    """Run a worker until it dies at a failpoint, is killed after some seconds, or is done; return what it sent."""
    telling = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.storage.telling", url,
        stdout=asyncio.subprocess.PIPE, cwd=ROOT, env=os.environ | {VARIABLE: failpoint},
    )  # fmt: skip
    assert telling.stdout is not None
    sent: list[bytes] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(after):
            while line := await telling.stdout.readline():
                sent.append(line)
    if after is not None and telling.returncode is None:
        with suppress(ProcessLookupError):
            telling.kill()
    sent += [line async for line in telling.stdout]
    code = await telling.wait()
    return code, [line.decode().strip() for line in sent if line.endswith(b"\n")]


async def fill(store, database, alerts):
    for name in CHANNELS:
        await add_channel(database, name)
    made = await store.create([alert(f"a{n}", channels=CHANNELS) for n in range(alerts)], NOW, "ada")
    await store.commit(fires(*made), NOW)


async def check(outbox, sent, kills):
    """Compare what was sent with what is stored: all of it, and no more repeats than were under way at a kill."""
    every = {each.id: each for each in await outbox.deliveries("ada", limit=100_000)}
    assert set(sent) == set(every)
    assert {each.state for each in every.values()} == {DeliveryState.DELIVERED}
    repeats = {id_: count - 1 for id_, count in Counter(sent).items() if count > 1}
    assert sum(repeats.values()) <= kills * GROUP * len(CHANNELS)
    assert all(every[each].unsure for each in repeats)
    assert [each.broken for each in await outbox.law() if each.broken] == []
    assert sum(each.told for each in await outbox.law()) == len(every)


async def test_worker_that_dies_loses_nothing_and_repeats_only_what_it_was_sending(
    store, outbox, database, database_url
):
    await fill(store, database, 100)
    sent: list[str] = []
    for failpoint in FAILPOINTS:
        code, said = await worker(database_url, failpoint=f"{failpoint}:2")
        assert code == -9
        sent += said
        rescued = await outbox.rescue(UNTIL + 1)
        assert rescued == (
            0 if failpoint in ("before_claim_commit", "after_settle") else GROUP * len(CHANNELS)
        )

    code, said = await worker(database_url)

    assert code == 0
    await check(outbox, sent + said, len(FAILPOINTS))


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_two_hundred_deaths_lose_nothing(store, outbox, database, database_url):
    await fill(store, database, 3_000)
    dice = random.Random(4)
    sent: list[str] = []
    for n in range(200):
        failpoint = "" if n % 2 else f"{dice.choice(FAILPOINTS)}:{dice.randint(1, 2)}"
        _, said = await worker(
            database_url, failpoint=failpoint, after=None if failpoint else dice.uniform(0.5, 2)
        )
        sent += said
        await outbox.rescue(UNTIL + 1)

    _, said = await worker(database_url)
    await check(outbox, sent + said, 200)
