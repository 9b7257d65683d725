"""A process that is killed at any moment loses no firing and doubles none."""

import asyncio
import os
import sys
from pathlib import Path
from random import Random

import pytest

from crypto_portfolio_analyzer.clock import SystemClock
from tests.engine.simulated import ask, check_truth, listen, middle, platform, venue
from tests.streaming.wire import until

ROOT = Path(__file__).resolve().parents[2]
FAILPOINT = "CRYPTO_ANALYZER_TEST_FAILPOINT"


class Life:
    """One process after another on the same database and venue, each killed."""

    def __init__(self, server, database_url, folder):
        self._arguments = (database_url, str(folder), server.ws_url, server.rest_url)

    async def live(self, seconds, failpoint=""):
        """Start a process and kill it so long after it is up, unless it dies at a failpoint before."""
        environment = {**os.environ, FAILPOINT: failpoint, "PYTHONPATH": str(ROOT)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.engine.living", *self._arguments,
            cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert await process.stdout.readline() == b"up\n"
        try:
            await asyncio.wait_for(process.wait(), seconds)
        except TimeoutError:
            process.kill()
            await process.wait()
        assert process.returncode == -9


async def survived(database_url, folder, lives, *, swings=300):
    """Let an application live and die again and again, then look whether all has fired, once."""
    clock = SystemClock()
    async with venue(clock, rate=15.0, swings=swings) as server:
        level = middle(server)
        async with platform(server, database_url, folder, clock) as app:
            heard = listen(app)
            await ask(app, f"price crosses above {level}")
            await until(lambda: len(heard) > 5, 20)
        life = Life(server, database_url, folder)
        for seconds, failpoint in lives:
            await life.live(seconds, failpoint)
        async with platform(server, database_url, folder, clock) as app:
            await until(lambda: app.alerts.committer.fired, 30)
            await app.alerts.committer.commit()
            return await check_truth(app, server, heard[0], level)


async def test_killed_now_and_then_it_loses_nothing_and_doubles_nothing(database_url, tmp_path):
    failpoint = "before_commit:2" if database_url.startswith("sqlite") else "after_commit:2"

    assert await survived(database_url, tmp_path, [(0.5, ""), (3.0, failpoint)])


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_killed_two_hundred_times_it_loses_nothing_and_doubles_nothing(database_url, tmp_path):
    random = Random(11)
    points = ("", "", "before_commit", "after_commit")
    lives = [
        (random.uniform(0.05, 2.0), f"{point}:{random.randint(1, 4)}" if point else "")
        for point in random.choices(points, k=200)
    ]

    assert len(await survived(database_url, tmp_path, lives, swings=2000)) > 50
