"""Commands that wait: they return, fail, or end within a second of Ctrl C."""

import asyncio
import signal
import subprocess
import sys
import time

import pytest

from crypto_portfolio_analyzer.cli.running import run
from crypto_portfolio_analyzer.tasks import Nursery

WAITS = """
import asyncio
from crypto_portfolio_analyzer.cli.failures import Interrupted
from crypto_portfolio_analyzer.cli.running import run
from crypto_portfolio_analyzer.tasks import Nursery

async def work():
    print("ready", flush=True)
    try:
        await asyncio.sleep(60)
    finally:
        {last}

try:
    run(work())
except Interrupted as interrupted:
    raise SystemExit(interrupted.exit_code)
"""


async def answer():
    await asyncio.sleep(0)
    return 42


def ended_by(number, last):
    """Run a waiting command, send it a signal; return exit code, seconds and output."""
    process = subprocess.Popen(
        [sys.executable, "-c", WAITS.format(last=last)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    began = time.perf_counter()
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    return process.returncode, time.perf_counter() - began, out, err


def test_the_result_is_returned():
    assert run(answer()) == 42


def test_errors_pass():
    async def fail():
        raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        run(fail())


def test_handlers_of_signals_are_put_back():
    before = signal.getsignal(signal.SIGINT)

    run(answer())

    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_lets_the_command_put_things_in_order(number, exit_code):
    code, seconds, out, err = ended_by(number, "print('kept', flush=True)")

    assert (code, out, err) == (exit_code, "kept\n", "")
    assert seconds < 2


def test_a_command_that_does_not_come_to_an_end_is_ended():
    code, seconds, _, _ = ended_by(signal.SIGINT, "await asyncio.sleep(60)")

    assert code == 130
    assert seconds < 2


def test_a_bug_behind_the_back_of_the_work_ends_it():
    async def fail():
        raise ZeroDivisionError

    async def work():
        nursery = Nursery()
        await nursery.start()
        nursery.spawn(fail())
        await asyncio.get_running_loop().create_future()

    with pytest.raises(ExceptionGroup) as caught:
        run(work())

    assert caught.group_contains(ZeroDivisionError)
