"""Killed at any moment, worker or database: every firing is told, none that did not fire, under one key each.

What is told twice is what was under way at a kill, and only that.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from random import Random

import pytest

from crypto_portfolio_analyzer.core.alerts import Batch
from crypto_portfolio_analyzer.core.notices.notification import DeliveryState
from crypto_portfolio_analyzer.failpoints import VARIABLE
from crypto_portfolio_analyzer.storage import schema
from crypto_portfolio_analyzer.storage.alerts import AlertStore
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.delivery import DeliveryStore
from tests.engine.delivery.cluster import cluster
from tests.storage.made import NOW, SEALING, add_channel, alert, decision, rows

ROOT = Path(__file__).resolve().parents[3]
OWNERS = 10
ALERTS = [
    alert(f"a{n}", owner=f"o{n % OWNERS}", symbols=("BTC/USDT",), channels=("phone",), revision=1)
    for n in range(200)
]
FAILPOINTS = (
    "before_claim_commit", "after_claim", "after_bytes_sent", "before_mark_delivered", "before_settle_commit",
    "after_settle",
)  # fmt: skip


class Campaign:
    """An outbox that is filled, and workers that are killed one after the other while they empty it."""

    def __init__(self, url: str, folder: Path, seed: int) -> None:
        self.url, self.receipts, self.random = url, folder / "receipts", Random(seed)
        self.database = Database(url)
        self.outbox = DeliveryStore(self.database, SEALING, unordered=("webhook",))
        self.fired: set[str] = set()
        self.in_flight = self.kills = self._epoch = 0

    async def prepare(self) -> None:
        """Make a channel for each owner, and the alerts."""
        await self.database.start()
        for n in range(OWNERS):
            await add_channel(self.database, "phone", f"o{n}")
        await AlertStore(self.database).create(ALERTS, NOW, "test")

    async def fill(self, least: int) -> None:
        """Let alerts fire until so many deliveries are due."""
        store, pending = AlertStore(self.database), await self._count("queued", "sending", "retry_wait")
        while pending < least:
            self._epoch += 1
            stored = await store.commit(
                Batch(decisions=[decision(each, self._epoch) for each in ALERTS]), NOW
            )
            self.fired |= {f"{each.id}_{_owner(each.alert_id)}-phone" for each in stored}
            pending += len(stored)

    async def _count(self, *states: str) -> int:
        counts = await self.outbox.counts()
        return sum(counts.get(DeliveryState(each), 0) for each in states)

    async def live(self, seconds: float, failpoint: str = "") -> None:
        """Let a worker live for so long after it is up, or until it dies at a failpoint."""
        seen = len(self.lines())
        worker = await self.worker(failpoint)
        try:
            await asyncio.wait_for(worker.wait(), seconds)
        except TimeoutError:
            worker.kill()
            await worker.wait()
        assert worker.returncode == -9
        await self.count_kill(seen)

    async def worker(self, failpoint: str = "") -> asyncio.subprocess.Process:
        """Start a worker; it has begun when this returns, or is dead already."""
        environment = {**os.environ, VARIABLE: failpoint, "PYTHONPATH": str(ROOT)}
        seed = str(self.random.randrange(10**6))
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.engine.delivery.telling", self.url, str(self.receipts), seed,
            cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert worker.stdout is not None
        await worker.stdout.readline()
        return worker

    async def count_kill(self, seen: int) -> None:
        """Add the attempts that had begun since line `seen` and of which the database knew no outcome at a kill."""
        self.kills += 1
        begun = {line[6:] for line in self.lines()[seen:] if line.startswith("begun ")}
        sending = {
            row[0] for row in await rows(self.database, "select id from deliveries where state = 'sending'")
        }
        self.in_flight += len(begun & sending)

    def lines(self) -> list[str]:
        """Return what the receiver has written."""
        return self.receipts.read_text().splitlines() if self.receipts.exists() else []

    async def finish(self, timeout: float = 60.0) -> None:
        """Let a worker empty the outbox in peace."""
        worker = await self.worker()
        async with asyncio.timeout(timeout):
            while await self._count("queued", "sending", "retry_wait"):
                await asyncio.sleep(0.05)
        worker.kill()
        await worker.wait()

    async def check(self) -> None:
        """Compare what was told with what has fired; say the figures, for who runs this with `-s`."""
        told: dict[str, Counter[str]] = defaultdict(Counter)
        for line in self.lines():
            if not line.startswith("begun "):
                delivery, _, key = line.partition(" ")
                told[delivery][key] += 1
        assert self.fired - told.keys() == set(), "missing"
        assert told.keys() - self.fired == set(), "extra"
        assert {key for keys in told.values() for key in keys} == {f"msg_{each}" for each in told}
        doubled = sum(keys.total() - 1 for keys in told.values())
        assert doubled <= self.in_flight
        figures = f"{self.kills} kills, {len(told)} told, {self.in_flight} under way, {doubled} doubled"
        sys.stdout.write(f"\n{figures}\n")
        laws = await self.outbox.law()
        assert [each.broken for each in laws if each.broken] == []
        assert sum(each.told for each in laws) == len(self.fired)
        assert await self._count("delivered") == len(self.fired)


def _owner(alert_id: str) -> str:
    return alert_id.partition("-")[0]


@pytest.fixture
async def campaign(database_url, tmp_path):
    made = Campaign(database_url, tmp_path, seed=4)
    await made.prepare()
    yield made
    await made.database.stop()


async def test_killed_now_and_then_it_tells_all_and_doubles_only_what_was_under_way(campaign):
    await campaign.fill(400)

    await campaign.live(5.0, "after_bytes_sent:20")
    await campaign.live(0.3)
    await campaign.finish()

    await campaign.check()


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_killed_200_times_while_20000_are_due(campaign):
    for _ in range(200):
        await campaign.fill(20_000)
        await campaign.live(campaign.random.uniform(0.0, 0.6))
    await campaign.finish(600)

    await campaign.check()


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("failpoint", FAILPOINTS)
async def test_killed_at_every_step_20_times(campaign, failpoint):
    for _ in range(20):
        await campaign.fill(20_000)
        await campaign.live(30.0, f"{failpoint}:{campaign.random.randint(1, 40)}")
    await campaign.finish(600)

    await campaign.check()


async def killed_databases(folder: Path, kills: int, due: int) -> Campaign:
    """Kill PostgreSQL again and again under a worker that goes on, and check."""
    with cluster(folder) as server:
        await server.prepare()
        url = server.url.replace("postgresql://", "postgresql+asyncpg://")
        await schema.upgrade(url)
        campaign = Campaign(url, folder, seed=9)
        await campaign.prepare()
        await campaign.fill(due)
        worker, before, seen = await campaign.worker(), 0, 0
        for _ in range(kills):
            await asyncio.sleep(campaign.random.uniform(0.05, 0.8))
            await asyncio.to_thread(server.kill)
            await server.revive()
            await campaign.count_kill(
                before
            )  # what waits for the database may have begun before the last kill
            before, seen = seen, len(campaign.lines())
            await campaign.fill(due)
        assert worker.returncode is None
        worker.kill()
        await worker.wait()
        await campaign.count_kill(before)
        await campaign.finish(600)
        await campaign.check()
        await campaign.database.stop()
        return campaign


@pytest.fixture
def open_folder():
    """A folder that PostgreSQL's own account can walk to."""
    folder = Path(tempfile.mkdtemp(prefix="crypto-analyzer-kills-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


async def test_a_killed_database_comes_back_and_nothing_is_missing(open_folder):
    await killed_databases(open_folder, kills=1, due=400)


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_a_database_killed_200_times_while_20000_are_due(open_folder):
    await killed_databases(open_folder, kills=200, due=20_000)
