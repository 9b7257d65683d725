"""Independent clients: the `websockets` library and aiohttp's, with nothing of ours in between."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from crypto_portfolio_analyzer.simulation.server import VenueServer
from tests.fakes import FakeClock

QUIET = 25
"""So many looks in vain mean that the server has said all it had to say; a busy machine only looks slower."""


@asynccontextmanager
async def client(server: VenueServer, path: str = "") -> AsyncIterator[ClientConnection]:
    """Open a plain WebSocket; pings are answered."""
    # An unbounded queue, for a test that lets minutes pass before it reads must go on answering pings
    options: dict[str, Any] = {
        "ping_interval": None,
        "compression": None,
        "close_timeout": 1,
        "max_queue": None,
    }
    async with connect(server.ws_url + path, **options) as ws:
        yield ws


async def say(ws: ClientConnection, request: object) -> None:
    """Send one JSON message."""
    await ws.send(json.dumps(request))


async def told(ws: ClientConnection) -> list[Any]:
    """Return what the server says until it falls silent, decoded; a closed connection is silent."""
    heard: list[Any] = []
    looks = 0
    while looks < QUIET:
        try:
            heard.append(json.loads(await asyncio.wait_for(ws.recv(), 0.002)))
            looks = 0
        except TimeoutError:
            looks += 1
        except ConnectionClosed:
            break
    return heard


async def pass_time(server: VenueServer, clock: FakeClock, seconds: float) -> None:
    """Let the market move on, and the server tell what happened."""
    await clock.advance(seconds)
    await server.turn()


async def close_code(ws: ClientConnection) -> int | None:
    """Wait for the end of a connection and return its close code; 1006 if there was no close frame."""
    await asyncio.wait_for(ws.wait_closed(), 3)
    return ws.close_code


async def get(server: VenueServer, path: str, **query: object) -> Any:
    """Return the decoded answer of a GET."""
    return (await ask(server, path, **query))[1]


async def ask(server: VenueServer, path: str, **query: object) -> tuple[int, Any, dict[str, str]]:
    """Return status, decoded body and headers (in lower case) of a GET."""
    params = {name: str(value) for name, value in query.items()}
    async with (
        aiohttp.ClientSession() as session,
        session.get(server.rest_url + path, params=params) as answer,
    ):
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status, await answer.json(content_type=None), headers
