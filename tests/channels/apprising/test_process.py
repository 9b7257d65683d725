"""The process of Apprise: one for all, replaced when it dies or hangs, and gone when we are."""

import asyncio
import os
import signal

import pytest

from crypto_portfolio_analyzer.channels.apprising.process import AppriseProcess
from crypto_portfolio_analyzer.errors import DeliveryFailed
from crypto_portfolio_analyzer.simulation.gateways import NtfyReceiver
from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from tests.channels.sending import LOOPBACK


class Running:
    """A process and a server that it may reach."""

    def __init__(self, seconds=20.0):
        self.process, self.receiver = AppriseProcess(LOOPBACK, seconds), NtfyReceiver()

    async def __aenter__(self):
        await self.receiver.start()
        return self

    async def __aexit__(self, *_error):
        await self.process.stop()
        await self.receiver.stop()

    async def run(self, topic="topic"):
        return await self.process.run(self.receiver.topic_url(topic), "Up", "text", "info")


async def test_one_process_serves_all_and_at_once():
    async with Running() as running:
        replies = await asyncio.gather(*(running.run(f"topic{number}") for number in range(20)))
        pid = running.process.pid
        replies.append(await running.run())

        assert all(reply.ok and reply.status == 200 for reply in replies)
        assert running.process.pid == pid
        assert running.receiver.topics.total() == 21


async def test_a_process_that_dies_fails_what_it_was_at_and_is_replaced():
    async with Running() as running:
        await running.run()
        running.receiver.faults.append(Misbehaviour(Bad.SILENT))
        under_way = asyncio.ensure_future(running.run())  # noqa: TID251  # awaited below
        await running.receiver.wait(2)
        first = running.process.pid
        os.kill(first, signal.SIGKILL)

        with pytest.raises(DeliveryFailed) as caught:
            await under_way
        assert (caught.value.error, caught.value.is_unknown, caught.value.transient) == ("reset", True, True)
        assert (await running.run()).ok
        assert running.process.pid != first


async def test_a_job_that_hangs_is_given_up_and_its_process_retired():
    async with Running() as running:
        await running.run()
        first = running.process.pid
        running.process._seconds = 0.3
        running.receiver.faults.append(Misbehaviour(Bad.SILENT))
        with pytest.raises(DeliveryFailed) as caught:
            await running.run()
        running.process._seconds = 20.0

        assert (caught.value.error, caught.value.is_unknown) == ("timeout_read", True)
        assert (await running.run()).ok
        assert running.process.pid != first
        assert not _lives(first)


async def test_a_job_that_is_cancelled_is_forgotten():
    async with Running() as running:
        await running.run()
        running.receiver.faults.append(Misbehaviour(Bad.SILENT))
        under_way = asyncio.ensure_future(running.run())  # noqa: TID251  # awaited below
        await running.receiver.wait(2)
        under_way.cancel()
        with pytest.raises(asyncio.CancelledError):
            await under_way

        assert (await running.run()).ok


async def test_it_ends_with_us_and_can_begin_again():
    async with Running() as running:
        await running.run()
        first = running.process.pid
        await running.process.stop()
        await running.process.stop()

        assert running.process.pid is None
        assert not _lives(first)
        assert (await running.run()).ok


def _lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
