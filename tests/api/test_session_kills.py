"""A server that is killed keeps the logins it should, and none that it should not."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from crypto_portfolio_analyzer.api.serverfile import SERVER_FILE

START = ("start", "--port", "0", "--provider", "mock", "--symbols", "BTC", "--json")
LOGINS = 7
ENDED = 3
PASSWORD = "twelve unusual words"
Proof = dict[str, Any]


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[httpx2.AsyncClient, subprocess.Popen[str], str]]:
    """Run the real program over a data folder; yield a client, the process and the owner's token."""
    environment = os.environ | {"CRYPTO_ANALYZER_DATA_DIR": str(folder)}
    process = subprocess.Popen(
        [sys.executable, "-m", "crypto_portfolio_analyzer.cli.main", *START],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    try:
        assert process.stdout is not None
        url = json.loads(await asyncio.to_thread(process.stdout.readline))["url"]
        token = json.loads((folder / SERVER_FILE).read_text())["token"]
        async with httpx2.AsyncClient(base_url=url, timeout=20) as client:
            yield client, process, token
    finally:
        process.kill()
        process.communicate()


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def login(client: httpx2.AsyncClient) -> Proof:
    answer = await client.post("/api/auth/login", json={"name": "anna", "password": PASSWORD})
    assert answer.status_code == 200
    proof: Proof = answer.json()
    return proof


async def settle_in(client: httpx2.AsyncClient, owner: str) -> list[Proof]:
    """Make an account and log in often."""
    made = await client.post("/api/users", json={"name": "anna", "role": "trader"}, headers=bearer(owner))
    code = made.json()["login_url"].partition("code=")[2]
    first = (await client.post("/api/auth/login", json={"code": code})).json()
    put = await client.put(
        "/api/auth/password", json={"password": PASSWORD}, headers=bearer(first["access_token"])
    )
    assert put.status_code == 204
    return [first, *[await login(client) for _ in range(LOGINS)]]


async def until_cut(act: Callable[[], Awaitable[Any]], done: Callable[[Any], None]) -> None:
    """Do something again and again until the server is gone; note only what it has acknowledged."""
    with suppress(httpx2.HTTPError):
        while True:
            done(await act())


async def ask(client: httpx2.AsyncClient, proof: Proof) -> int:
    answer = await client.get("/api/auth/preferences", headers=bearer(proof["access_token"]))
    return answer.status_code


async def renew(client: httpx2.AsyncClient, proof: Proof) -> int:
    answer = await client.post("/api/auth/refresh", json={"refresh_token": proof["refresh_token"]})
    return answer.status_code


async def make_token(client: httpx2.AsyncClient, proof: Proof, name: str) -> Proof:
    body = {"name": name, "scopes": ["read"]}
    answer = await client.post("/api/auth/tokens", json=body, headers=bearer(proof["access_token"]))
    assert answer.status_code == 201
    return {"id": answer.json()["id"], "access_token": answer.json()["token"]}


async def die_under_load(
    client: httpx2.AsyncClient,
    process: subprocess.Popen[str],
    busy: list[Proof],
    end: Callable[[], Awaitable[None]],
) -> list[Proof]:
    """Renew and log in all the time, `end` what must end, and kill the server; return the logins it acknowledged."""
    opened: list[Proof] = []
    async with asyncio.TaskGroup() as load:
        for proof in busy:  # what is renewed while the server dies may end either way: it is load only

            async def rotate(proof: Proof = proof) -> Proof:
                body = {"refresh_token": proof["refresh_token"]}
                return dict((await client.post("/api/auth/refresh", json=body)).json())

            load.create_task(until_cut(rotate, proof.update))
        load.create_task(until_cut(lambda: login(client), opened.append))
        await end()
        process.send_signal(signal.SIGKILL)
    return opened


async def test_killed_under_load_it_keeps_what_should_live_and_nothing_else(tmp_path: Path) -> None:
    async with serving(tmp_path) as (client, process, owner):
        proofs = await settle_in(client, owner)
        kept, ended, busy = proofs[: -ENDED - 2], proofs[-ENDED:], proofs[-ENDED - 2 : -ENDED]
        mine = bearer(kept[0]["access_token"])
        stays, goes = [await make_token(client, kept[0], name) for name in ("stays", "goes")]
        ticket = (await client.post("/api/auth/ws-ticket", headers=mine)).json()["ticket"]

        async def end() -> None:
            for proof in ended:
                done = await client.post("/api/auth/logout", headers=bearer(proof["access_token"]))
                assert done.status_code == 204
            done = await client.delete(f"/api/auth/tokens/{goes['id']}", headers=mine)
            assert done.status_code == 204

        opened = await die_under_load(client, process, busy, end)

    async with serving(tmp_path) as (client, _, _):
        alive = [await ask(client, proof) for proof in (*kept, *opened, stays)]
        dead = [await ask(client, proof) for proof in (*ended, goes, {"access_token": owner})]
        dead += [await renew(client, proof) for proof in ended]
        renewed = [await renew(client, proof) for proof in (*kept, *opened)]
        async with connect(str(client.base_url).replace("http", "ws") + "/ws", additional_headers=mine):
            pass  # a login that lives opens a socket, a ticket of the dead server does not
        with pytest.raises(InvalidStatus) as caught:
            async with connect(str(client.base_url).replace("http", "ws") + f"/ws?ticket={ticket}"):
                pass

    assert len(kept) + len(ended) + len(busy) == LOGINS + 1
    assert set(alive) == set(renewed) == {200}
    assert set(dead) == {401}
    assert caught.value.response.status_code == 401
