"""Recording and replaying: names, speeds, progress, and what is kept when it ends early."""

import asyncio
import io

import pytest

from crypto_portfolio_analyzer.cli.output import Output
from crypto_portfolio_analyzer.cli.tapes import checked_speed, file_name, progress, recorded, replayed
from crypto_portfolio_analyzer.errors import InvalidInput, UnknownName
from crypto_portfolio_analyzer.settings import load

MOCK = {"provider": "mock", "symbols": "BTC", "exchanges.mock.ws_url": "mock:?interval=0.05"}


def output(**options):
    return Output(stdout=io.StringIO(), stderr=io.StringIO(), **options)


@pytest.mark.parametrize(("text", "speed"), [("max", None), ("1", 1.0), ("10", 10.0), ("0.5", 0.5)])
def test_speeds_are_multiples_of_real_time(text, speed):
    assert checked_speed(text) == speed


@pytest.mark.parametrize("text", ["fast", "0", "-1", "nan", "inf"])
def test_other_speeds_are_refused(text):
    with pytest.raises(InvalidInput, match="give max, 1, 10"):
        checked_speed(text)


def test_a_recording_is_named_by_venue_and_time():
    name = file_name(load({"provider": "mock"}, env={})).name

    assert name.startswith("mock-20")
    assert name.endswith("Z.jsonl.gz")


async def test_an_interrupted_recording_keeps_what_came(tmp_path):
    path, told = tmp_path / "a.gz", output()
    working = asyncio.get_running_loop().create_task(recorded(load(MOCK, env={}), path, None, told))
    while not (path.exists() and path.stat().st_size > 200):
        await asyncio.sleep(0.05)

    working.cancel()
    await asyncio.wait([working])

    assert "frames" in told._out.getvalue()


async def test_nothing_kept_leaves_no_file(tmp_path, simulated_market):
    settings = load({**simulated_market.flags, "symbols": "BTCC", "provider": "binance"}, env={})

    with pytest.raises(ExceptionGroup) as caught:
        await recorded(settings, tmp_path / "a.gz", None, output())

    assert caught.group_contains(UnknownName)
    assert list(tmp_path.glob("a.gz")) == []


async def test_a_recording_replays_at_the_speed_it_was_made(tmp_path):
    path = tmp_path / "a.gz"
    await recorded(load(MOCK, env={}), path, 0.6, output())
    began = asyncio.get_running_loop().time()

    await replayed([path], None, 1.0, output(as_json=True))

    assert asyncio.get_running_loop().time() - began >= 0.3


def test_progress_is_a_line_at_each_tenth_without_a_terminal():
    err = io.StringIO()

    with progress(Output(stdout=io.StringIO(), stderr=err), "reading") as tell:
        for share in (0.05, 0.1, 0.15, 0.31, 1.0):
            tell(share)

    assert err.getvalue().splitlines() == ["reading: 10 %", "reading: 30 %", "reading: 100 %"]


def test_quiet_progress_says_nothing():
    err = io.StringIO()

    with progress(Output(quiet=True, stdout=io.StringIO(), stderr=err), "reading") as tell:
        tell(1.0)

    assert err.getvalue() == ""
