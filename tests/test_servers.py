"""The tests' own servers are real, shared, and gone when the session ends."""

import asyncio
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import URL, make_url

from tests.servers import Keeper, shared

ROOT = Path(__file__).resolve().parent.parent
KILLED_SESSION = """
import os
from tests.servers import Keeper, shared
keeper = Keeper()
print(shared(keeper.session, "valkey"), flush=True)
os.kill(os.getpid(), 9)
"""


async def test_each_test_gets_a_fresh_database(postgres_database: str) -> None:
    connection = await asyncpg.connect(
        make_url(postgres_database).set(drivername="postgresql").render_as_string()
    )

    await connection.execute("create table only_here (n int)")

    assert await connection.fetchval("select count(*) from only_here") == 0
    await connection.close()


async def test_database_is_postgresql_of_at_least_the_promised_version(postgres_server: URL) -> None:
    connection = await asyncpg.connect(postgres_server.render_as_string(hide_password=False))

    assert connection.get_server_version().major >= 15
    await connection.close()


async def test_valkey_answers(valkey_url: str) -> None:
    reader, writer = await asyncio.open_connection(*_address(valkey_url))

    writer.write(b"PING\r\n")

    assert await reader.readline() == b"+PONG\r\n"
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("name", ["postgres", "valkey"])
async def test_server_is_shared_and_gone_after_the_session(name: str) -> None:
    keeper = Keeper()
    url = shared(keeper.session, name)

    assert shared(keeper.session, name) == url
    keeper.close()

    assert not keeper.session.exists()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*_address(url))


async def test_server_is_gone_after_its_session_was_killed() -> None:
    command = [sys.executable, "-c", KILLED_SESSION]
    died = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert died.returncode == -9
    async with asyncio.timeout(10):
        while await _answers(died.stdout):
            await asyncio.sleep(0.05)


async def _answers(url: str) -> bool:
    try:
        _, writer = await asyncio.open_connection(*_address(url))
    except ConnectionRefusedError:
        return False
    writer.close()
    return True


def _address(url: str) -> tuple[str | None, int | None]:
    parts = urlsplit(url)
    return parts.hostname, parts.port
