"""Asking a server: its answers, its refusals in its own words, and nobody there."""

import asyncio
import os

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from crypto_portfolio_analyzer.cli import client as subject
from crypto_portfolio_analyzer.cli.client import Client, running, server_at
from crypto_portfolio_analyzer.cli.failures import Failed

TOLD = web.AppKey("told", asyncio.Event)


async def echo(request):
    return web.json_response({"q": dict(request.query), "key": request.headers.get("Authorization")})


async def refuse(request):
    problem = {"detail": "no price of ABC", "remedy": "write it like BTCUSDT"}
    return web.json_response(problem, status=int(request.match_info["status"]))


async def keep(request):
    return web.Response(status=204) if request.method == "DELETE" else web.json_response(await request.json())


async def complain(request):
    errors = [
        {"path": "symbol", "problem": "is unknown", "remedy": "write BTC"},
        {"path": "condition", "problem": "is odd", "remedy": "", "fix": "price > 1"},
        {"path": "name", "problem": "is missing"},
    ]
    return web.json_response({"detail": "refused", "errors": errors}, status=422)


async def nonsense(request):
    return web.Response(text="<html>")


async def silent(request):
    await request.app[TOLD].wait()
    return web.Response()


@pytest.fixture
async def server():
    app = web.Application()
    app[TOLD] = asyncio.Event()
    app.router.add_get("/echo", echo)
    app.router.add_put("/echo", echo)
    app.router.add_get("/refuse/{status}", refuse)
    app.router.add_route("*", "/kept", keep)
    app.router.add_post("/faults", complain)
    app.router.add_get("/nonsense", nonsense)
    app.router.add_get("/silent", silent)
    async with TestServer(app) as running_server:
        yield str(running_server.make_url("/"))
        app[TOLD].set()


async def test_the_owners_token_and_the_query_are_sent(server):
    client = Client(server, "secret")

    assert await client.get("/echo", {"limit": 3}) == {"q": {"limit": "3"}, "key": "Bearer secret"}
    assert (await client.put("/echo"))["key"] == "Bearer secret"


async def test_what_is_sent_arrives_as_json_and_nothing_may_come_back(server):
    client = Client(server, "secret")

    assert await client.send("POST", "/kept", {"a": 1}) == {"a": 1}
    assert await client.send("DELETE", "/kept") is None


async def test_every_field_that_a_server_refuses_is_named(server):
    with pytest.raises(Failed) as caught:
        await Client(server).send("POST", "/faults")

    problem = caught.value.problem
    assert problem.where == (
        "symbol: is unknown; write BTC",
        "condition: is odd; price > 1",
        "name: is missing",
    )
    assert (problem.what, problem.exit_code) == ("the server refuses what was sent", 2)


@pytest.mark.parametrize(("status", "exit_code"), [(404, 3), (422, 2), (400, 2), (401, 1), (503, 1)])
async def test_a_refusal_keeps_the_servers_words(server, status, exit_code):
    with pytest.raises(Failed) as caught:
        await Client(server).get(f"/refuse/{status}")

    problem = caught.value.problem
    assert (problem.what, problem.fix) == ("no price of ABC", "write it like BTCUSDT")
    assert problem.exit_code == exit_code


@pytest.mark.parametrize("path", ["/nonsense"])
async def test_a_server_of_somebody_else_is_exit_4(server, path):
    with pytest.raises(Failed) as caught:
        await Client(server).get(path)

    assert caught.value.problem.exit_code == 4


async def test_a_server_that_does_not_answer_in_time_is_exit_5(server, monkeypatch):
    monkeypatch.setattr(subject, "PATIENCE", 0.05)

    with pytest.raises(Failed) as caught:
        await Client(server).get("/silent")

    assert caught.value.problem.exit_code == 5


async def test_nobody_there_is_exit_4():
    with pytest.raises(Failed) as caught:
        await Client("http://127.0.0.1:1").get("/status")

    assert caught.value.problem.exit_code == 4
    assert caught.value.problem.why


def test_a_running_server_is_found_by_its_file(tmp_path):
    told = {"url": "http://localhost:8123", "token": "t", "pid": os.getpid(), "version": "1"}
    (tmp_path / "server.json").write_bytes(msgspec.json.encode(told))

    found = running(tmp_path)

    assert found is not None
    assert found.url == "http://localhost:8123"
    assert running(tmp_path / "elsewhere") is None


@pytest.mark.parametrize(
    ("host", "secure", "url"),
    [("localhost", False, "http://localhost:8123"), ("::1", True, "https://[::1]:8123")],
)
def test_an_address_is_put_together(tmp_path, host, secure, url):
    assert server_at(tmp_path, host, 8123, secure=secure).url == url
