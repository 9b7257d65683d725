"""Gateways that phones and apps hang on: SMS by Twilio's API or plain JSON, and a server such as ntfy's."""

import json
import re
from collections import Counter

from aiohttp import encode_basic_auth, web
from msgspec import Struct

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.simulation.receivers import Receiver

_NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_MAX_BODY = 1600


class Text(Struct, frozen=True):
    """A text message that was taken."""

    to: str
    sender: str
    text: str


class SmsReceiver(Receiver):
    """Twilio's Messages resource and, at `/sms`, a plain gateway with a bearer token."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        super().__init__(clock=clock)
        self.account_sid, self.auth_token = "AC" + "0" * 32, "simulated-auth-token-nobody-may-see"
        self.texts: list[Text] = []
        self.stopped: set[str] = set()
        """Numbers whose owners want no more."""

    @property
    def plain_url(self) -> str:
        """Where the plain gateway is."""
        return f"{self.url}/sms"

    async def answer(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """Take a text by either protocol."""
        if request.path == "/sms":
            return self._plain(request, body)
        if request.path == f"/2010-04-01/Accounts/{self.account_sid}/Messages.json":
            return await self._twilio(request)
        return web.json_response({"code": 20404, "status": 404}, status=404)

    def _plain(self, request: web.Request, body: bytes) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.auth_token}":
            return web.json_response({"error": "token"}, status=401)
        document = json.loads(body)
        self.texts.append(Text(document["to"], document["from"], document["text"]))
        return web.json_response({"queued": True})

    async def _twilio(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != encode_basic_auth(self.account_sid, self.auth_token):
            return _problem(401, 20003)
        form = {name: str(value) for name, value in (await request.post()).items()}
        text = Text(
            form.get("To", ""), form.get("From", form.get("MessagingServiceSid", "")), form.get("Body", "")
        )
        if not _NUMBER.fullmatch(text.to):
            return _problem(400, 21211)
        if text.to in self.stopped:
            return _problem(400, 21610)
        if not text.text or len(text.text) > _MAX_BODY:
            self.violations["length"] += 1
            return _problem(400, 21617)
        self.texts.append(text)
        sid = f"SM{len(self.texts):032x}"
        return web.json_response({"sid": sid, "status": "queued", "error_code": None}, status=201)


class NtfyReceiver(Receiver):
    """A server such as ntfy's: messages by topic, published as JSON or as text to the topic's path."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        super().__init__(clock=clock)
        self.published: list[dict[str, str]] = []
        self.topics: Counter[str] = Counter()

    def topic_url(self, topic: str) -> str:
        """Return the URL of a topic, as Apprise wants it."""
        return f"ntfy://127.0.0.1:{self.port}/{topic}"

    async def answer(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """Publish a message."""
        topic = request.path.strip("/")
        document = {"topic": topic, "message": body.decode()} if topic else json.loads(body)
        self.published.append(document)
        self.topics[document["topic"]] += 1
        return web.json_response({"id": str(len(self.published)), "event": "message", **document})


def _problem(status: int, code: int) -> web.Response:
    return web.json_response({"code": code, "message": "simulated", "status": status}, status=status)
