"""A bare client of a simulated Bot API: what a bot says on the wire, and what it is answered."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from crypto_portfolio_analyzer.simulation.telegram import TelegramServer

PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)


class Client:
    """Asks as a bot would; `ask` returns the whole answer, `do` only what went well."""

    def __init__(self, server: TelegramServer, http: aiohttp.ClientSession) -> None:
        self.server, self.http = server, http

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        url = f"{self.server.url}/bot{params.pop('token', self.server.token)}/{method}"
        async with self.http.post(url, json=params) as response:
            answer: dict[str, Any] = json.loads(await response.text())
            if not answer["ok"]:
                assert response.status == answer["error_code"]
            return answer

    async def do(self, method: str, **params: Any) -> Any:
        answer = await self.ask(method, **params)
        assert answer["ok"], answer
        return answer["result"]

    async def refusal(self, method: str, **params: Any) -> str:
        answer = await self.ask(method, **params)
        assert not answer["ok"]
        sentence: str = answer["description"]
        return sentence

    async def upload(self, method: str, files: dict[str, bytes], **params: object) -> dict[str, Any]:
        form = aiohttp.FormData()
        for name, value in params.items():
            form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        for name, content in files.items():
            form.add_field(name, content, filename=f"{name}.png")
        url = f"{self.server.url}/bot{self.server.token}/{method}"
        async with self.http.post(url, data=form) as response:
            answer: dict[str, Any] = json.loads(await response.text())
            return answer


@asynccontextmanager
async def talking(**options: Any) -> AsyncIterator[Client]:
    """Yield a client of a server that was just started."""
    async with TelegramServer(**options) as server, aiohttp.ClientSession() as http:
        yield Client(server, http)


def button(text: str = "Seen", **what: object) -> dict[str, object]:
    """Return a keyboard of one button."""
    return {"inline_keyboard": [[{"text": text, **(what or {"callback_data": "v1:seen:abc"})}]]}
