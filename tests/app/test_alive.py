"""Signs of life: they come while all is well, stay away when it is not, and never tell their address."""

import asyncio
import json
import logging
import os
import socket

import pytest

from crypto_portfolio_analyzer.app import build
from crypto_portfolio_analyzer.app.alive import LifeSign, tell_systemd, watchdog_seconds
from crypto_portfolio_analyzer.app.pings import Ping
from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from crypto_portfolio_analyzer.simulation.receivers import Receiver
from tests.fakes import FakeClock
from tests.streaming.wire import until

WELL, ILL = Ping("database", ok=True, detail=""), Ping("database", ok=False, detail="")
UNNEEDED = Ping("kraken", ok=False, detail="", needed=False)


class Signs:
    """Signs of life whose health and time are in the hands of the test."""

    def __init__(self, url):
        self.clock, self.pings = FakeClock(), [WELL, UNNEEDED]
        self.sign = LifeSign(url, 60.0, self.clock, self._ask)

    async def _ask(self):
        return self.pings

    async def turn(self):
        """Let a minute pass, and the sign of that minute come to its end."""
        before = self.sign.counts.total()
        await self.clock.advance(60)
        await until(lambda: self.sign.counts.total() > before)

    async def __aenter__(self):
        await self.sign.start()
        return self

    async def __aexit__(self, *_):
        await self.sign.stop()


async def test_a_sign_comes_after_each_interval_while_what_is_needed_is_well():
    async with Receiver() as receiver, Signs(receiver.url + "/ping/abc") as signs:
        await signs.clock.advance(59)
        early = len(receiver.received)
        await signs.clock.advance(1)
        await until(lambda: signs.sign.counts["sent"] == 1)
        signs.pings = [ILL]
        await signs.turn()
        signs.pings = [WELL]
        await signs.turn()

    assert early == 0
    assert [(each.method, each.path) for each in receiver.received] == [("GET", "/ping/abc")] * 2
    assert signs.sign.counts == {"sent": 2, "withheld": 1}


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_a_refusal_is_counted_and_told_once_without_the_address(status, caplog):
    caplog.set_level(logging.INFO, logger="crypto_portfolio_analyzer")
    async with Receiver() as receiver, Signs(receiver.url + "/secret-path") as signs:
        receiver.always = Misbehaviour(Bad.STATUS, status=status)
        await signs.turn()
        await signs.turn()
        receiver.always = None
        await signs.turn()

    assert signs.sign.counts == {"failed": 2, "sent": 1}
    assert [each.outcome for each in caplog.records] == ["failed", "sent"]
    assert "secret-path" not in caplog.text


async def test_nobody_there_is_counted_and_does_not_end_it():
    async with Signs("http://127.0.0.1:1/") as signs:
        await signs.turn()
        await signs.turn()

    assert signs.sign.counts == {"failed": 2}


async def test_the_application_gives_signs_and_counts_them(settings):
    async with Receiver() as receiver:
        url = receiver.url + "/hush-hush"
        told = settings.model_validate(
            settings.model_dump() | {"alive_url": url, "alive_seconds": 1.0, "time_scale": 20.0}
        )
        async with build(told) as app:
            await asyncio.wait_for(receiver.wait(2), 10)
            await until(lambda: app.life_sign.counts["sent"] >= 2)
            page = app.metrics.render().decode()

    sent = next(line for line in page.splitlines() if 'alive_signs_total{outcome="sent"}' in line)
    assert float(sent.split()[-1]) >= 2
    assert "hush-hush" not in page
    assert "hush-hush" not in repr(told)
    assert "hush-hush" not in json.dumps(list(told.rows()))
    assert url in told.secrets()


async def test_a_process_that_only_delivers_is_well_without_feeds(settings):
    async with build(settings, roles=("delivery",)) as app:
        assert [each.name for each in await app.pings() if each.needed] == ["database"]


@pytest.fixture
def manager(tmp_path, monkeypatch):
    """A socket on which systemd would listen."""
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        yield listener


def test_systemd_is_told(manager):
    tell_systemd("READY=1")

    assert manager.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", [None, "", "relative", "/nobody/there"])
def test_without_systemd_nobody_is_told(monkeypatch, address):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    if address is not None:
        monkeypatch.setenv("NOTIFY_SOCKET", address)

    tell_systemd("READY=1")


async def test_the_watchdog_is_calmed_while_the_loop_turns(manager, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    sign = LifeSign(None, 60.0, FakeClock(), Signs(None)._ask)
    await sign.start()
    heard = [await asyncio.to_thread(manager.recv, 100) for _ in range(3)]
    await sign.stop()

    assert heard == [b"WATCHDOG=1"] * 3


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "x"}, None),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
    ],
    ids=["none", "30 s", "off", "nonsense", "another's", "ours"],
)
def test_the_watchdog_is_systemds(monkeypatch, environment, seconds):
    for name in ("WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert watchdog_seconds() == seconds
