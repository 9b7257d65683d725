"""The end of a running server, under load: everybody is answered or told, and the next start goes on from there."""

import asyncio
import json
import signal
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from crypto_portfolio_analyzer.api.serverfile import find_server
from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from tests.cli.commands.conftest import Programs
from tests.streaming.wire import until

CLIENTS, SLOW = 30, 5
JOIN = json.dumps({"type": "subscribe", "data": {"room": "prices", "symbols": ["BTC"], "batch": True}})
DEAF = "ws://127.0.0.1:9"
"""Nobody listens there: who asks for a price waits for as long as a price may take."""


class Running:
    """The server as a program of its own, over data that outlive it."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self._programs = Programs(
            CRYPTO_ANALYZER_DATA_DIR=str(folder),
            CRYPTO_ANALYZER_WEBHOOKS__ALLOWED_NETWORKS="127.0.0.1",
            **environment,
        )

    async def start(self, *options):
        self.process = self._programs("start", "--port", "0", "--symbols", "BTC", "--json", *options)
        assert self.process.stdout is not None
        line = await asyncio.to_thread(self.process.stdout.readline)
        assert line, self.process.communicate(timeout=10)[1]
        self.url = json.loads(line)["url"]
        found = find_server(self.folder)
        assert found is not None
        self.token = found.token

    async def end(self, number=signal.SIGTERM):
        """Send a signal; return the exit code."""
        self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, 15)

    async def ask(self, method, path, body=None):
        """Return status and document of an answer."""
        return await asyncio.to_thread(self._ask, method, path, body)

    def _ask(self, method, path, body):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        asked = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)

    def stop(self):
        self._programs.end()


@pytest.fixture
def running(tmp_path):
    made = []

    def make(**environment):
        made.append(Running(tmp_path / "data", **environment))
        return made[-1]

    yield make
    for each in made:
        each.stop()


async def listen(url, joined):
    """Follow prices until the server hangs up; return the code it gave."""
    async with connect(url.replace("http", "ws") + "/ws", compression=None) as socket:
        await socket.send(JOIN)
        try:
            async for _ in socket:
                joined.add(socket.id)
        except ConnectionClosed:
            pass
        return socket.close_code


async def test_on_sigterm_clients_are_told_and_what_is_asked_is_answered(running):
    server = running(CRYPTO_ANALYZER_EXCHANGES__MOCK__WS_URL="mock:?interval=0.02")
    await server.start("--provider", "mock")
    joined: set[object] = set()
    async with asyncio.TaskGroup() as group:
        clients = [group.create_task(listen(server.url, joined)) for _ in range(CLIENTS)]
        await until(lambda: len(joined) == CLIENTS)
        exit_code = await server.end()

    assert exit_code == 0
    assert [each.result() for each in clients] == [1001] * CLIENTS
    assert find_server(server.folder) is None


async def test_questions_under_way_are_answered_before_the_end(running):
    server = running(CRYPTO_ANALYZER_EXCHANGES__BINANCE__WS_URL=DEAF)
    await server.start("--provider", "binance")
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(server.ask("GET", "/api/market/BTC")) for _ in range(SLOW)]
        status, _ = await server.ask("GET", "/health")  # asked later, answered first: the others have arrived
        exit_code = await server.end()
    answers = [each.result() for each in asked]

    assert (status, exit_code) == (200, 0)
    assert [each[0] for each in answers] == [404] * SLOW
    assert all(each[1]["detail"] for each in answers)


async def test_on_ctrl_c_it_is_130(running):
    server = running()
    await server.start("--provider", "mock")

    assert await server.end(signal.SIGINT) == 130


async def test_what_was_not_delivered_is_delivered_by_the_next_start(running):
    server = running()
    async with WebhookReceiver() as receiver:
        receiver.always = Misbehaviour(Bad.STATUS, status=503)
        await server.start("--provider", "mock")
        hook = {"type": "webhook", "name": "hook", "url": receiver.hook_url}
        _, channel = await server.ask("POST", "/api/channels", hook)
        receiver.secrets.append(channel["secret"])
        alert = {"name": "above", "symbol": "BTC", "condition": "price > 0", "channels": [channel["id"]]}
        status, _ = await server.ask("POST", "/api/alerts", alert)
        await asyncio.wait_for(receiver.wait(1), 10)
        first = await server.end()
        tried = len(receiver.received)
        receiver.always = None
        await server.start("--provider", "mock")
        async with asyncio.timeout(20):
            await receiver.wait(tried + 1)
        second = await server.end()

    assert (status, first, second) == (201, 0, 0)
    assert len({each.headers["webhook-id"] for each in receiver.received}) == 1
    assert receiver.violations == {}
