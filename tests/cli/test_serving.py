"""The server in this process: where it listens, what it says, who may share a port."""

import io
import json
import socket

import pytest
from aiohttp import ClientSession

from crypto_portfolio_analyzer.app import build
from crypto_portfolio_analyzer.cli.output import Output
from crypto_portfolio_analyzer.cli.serving import announce, can_show, served
from crypto_portfolio_analyzer.errors import PortTaken
from crypto_portfolio_analyzer.settings import load


def settings(**flags):
    return load({"provider": "mock", "symbols": "BTC", "host": "127.0.0.1", "port": 0, **flags}, env={})


@pytest.fixture
def busy_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


async def test_it_serves_while_it_is_open():
    async with (
        served(build(settings())) as server,
        ClientSession() as session,
        session.get(f"{server.url}/health") as told,
    ):
        assert told.status == 200

    with pytest.raises(OSError, match="Connect call failed"):
        async with ClientSession() as session:
            await session.get(f"{server.url}/health")


async def test_a_taken_port_is_refused_or_another_taken(busy_port):
    with pytest.raises(PortTaken):
        async with served(build(settings(port=busy_port))):
            pass
    async with served(build(settings(port=busy_port)), any_port=True) as server:
        assert server.port != busy_port


async def test_the_address_is_announced_with_a_login():
    out = io.StringIO()
    app = build(settings(), simulated=True)
    async with served(app) as server:
        await announce(server, app, Output(stdout=out, stderr=io.StringIO()), browser=False)

    assert out.getvalue().startswith(f"SIMULATED market. Dashboard: {server.url}/login?code=")


@pytest.mark.parametrize(
    ("variable", "shown"), [("DISPLAY", True), ("WAYLAND_DISPLAY", True), ("OTHER", False)]
)
def test_a_browser_opens_only_in_a_window(monkeypatch, variable, shown):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv(variable, ":0")

    assert can_show() is shown


async def test_without_auth_there_is_nothing_to_log_in_to():
    out = io.StringIO()
    app = build(settings(auth="off"))
    async with served(app) as server:
        await announce(server, app, Output(as_json=True, stdout=out, stderr=io.StringIO()), browser=False)

    assert json.loads(out.getvalue())["login_url"] == server.url
