"""A Discord that minds its webhooks' manners: rate limit buckets, lengths, mentions, and a ban for pests."""

import json
import re
from typing import Any

from aiohttp import web
from msgspec import Struct

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.simulation.receivers import Receiver

MAX_CONTENT = 2000
BAN_AFTER = 10_000
BAN_WINDOW = 600.0
"""So many invalid requests (401, 403, 429) in so many seconds, and nothing is taken any more."""
_PNG = b"\x89PNG\r\n\x1a\n"
_ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")
_OURS = re.compile(r"\A\*\*|\*\*$|<https?://[^\s<>]+>\Z", re.MULTILINE)
"""Markup that the sender means: the bold headline, and the link at the end."""
_ACTIVE = re.compile(r"[*_~`|<>]|\]\(|https?://|@(everyone|here)|^[#-]|^\d+\.", re.MULTILINE)


class Message(Struct):
    """A message as it stands in the channel."""

    content: str
    picture: bytes = b""


class DiscordReceiver(Receiver):
    """One webhook: `limit` messages every `window` seconds of the clock."""

    def __init__(self, *, clock: Clock | None = None, limit: int = 5, window: float = 2.0) -> None:
        super().__init__(clock=clock)
        self.messages: dict[str, Message] = {}
        self.token = "simulated-token-nobody-may-see"  # noqa: S105  # of a simulation
        self.gone = False
        """The webhook was deleted."""
        self.limit, self.window = limit, window
        self._opened, self._used = 0.0, 0
        self._invalid: list[float] = []

    @property
    def hook_url(self) -> str:
        """Where to send."""
        return f"{self.url}/api/webhooks/42/{self.token}"

    async def answer(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """Take a message or an edit."""
        if self._is_banned():
            return web.Response(status=429, text="error code: 1015", headers={"Retry-After": "3600"})
        parts = request.path.strip("/").split("/")
        if parts[:3] != ["api", "webhooks", "42"] or self.gone:
            return self._refused(404, 10015, "Unknown Webhook")
        if parts[3] != self.token:
            return self._refused(401, 50027, "Invalid Webhook Token")
        if request.method == "PATCH" and parts[4:5] == ["messages"]:
            return await self._edit(request, parts[5])
        if not self._take():
            return self._limited()
        return self._post(request, body)

    def _post(self, request: web.Request, body: bytes) -> web.Response:
        try:
            document = json.loads(body)
            content = document["content"]
        except (ValueError, KeyError, TypeError):
            return self._refused(400, 50006, "Cannot send an empty message")
        if not content or len(content.encode("utf-16-le")) // 2 > MAX_CONTENT:
            self.violations["length"] += 1
            return self._refused(400, 50035, "Invalid Form Body")
        self._mind_mentions(document)
        if active(content):
            self.violations["markup"] += 1
        number = str(len(self.messages) + 1_000_000_000)
        self.messages[number] = Message(content)
        if request.query.get("wait") != "true":
            return web.Response(status=204, headers=self._headers())
        return web.json_response({"id": number, "content": content}, headers=self._headers())

    async def _edit(self, request: web.Request, number: str) -> web.Response:
        form = await request.post()
        upload = form.get("files[0]")
        if number not in self.messages or not isinstance(upload, web.FileField):
            return self._refused(404, 10008, "Unknown Message")
        picture = upload.file.read()
        if not picture.startswith(_PNG):
            self.violations["picture"] += 1
            return self._refused(400, 50046, "Invalid Asset")
        payload = form.get("payload_json", "{}")
        self._mind_mentions(
            json.loads(payload if not isinstance(payload, web.FileField) else payload.file.read())
        )
        self.messages[number].picture = picture
        return web.json_response({"id": number})

    def _mind_mentions(self, document: dict[str, Any]) -> None:
        if document.get("allowed_mentions") != {"parse": []}:
            self.violations["mentions"] += 1

    def _take(self) -> bool:
        now = self.clock.monotonic()
        if now >= self._opened + self.window:
            self._opened, self._used = now, 0
        self._used += 1
        return self._used <= self.limit

    def _reset_after(self) -> float:
        return max(0.001, self._opened + self.window - self.clock.monotonic())

    def _headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self._used)),
            "X-RateLimit-Reset-After": f"{self._reset_after():.3f}",
            "X-RateLimit-Bucket": "simulated",
        }

    def _limited(self) -> web.Response:
        self.violations["rate"] += 1
        self._invalid.append(self.clock.monotonic())
        wait = self._reset_after()
        document = {"message": "You are being rate limited.", "retry_after": wait, "global": False}
        headers = {**self._headers(), "Retry-After": str(int(wait) + 1)}
        return web.json_response(document, status=429, headers=headers)

    def _refused(self, status: int, code: int, message: str) -> web.Response:
        if status in (401, 403):
            self._invalid.append(self.clock.monotonic())
        return web.json_response({"message": message, "code": code}, status=status)

    def _is_banned(self) -> bool:
        since = self.clock.monotonic() - BAN_WINDOW
        self._invalid = [at for at in self._invalid if at > since]
        return len(self._invalid) >= BAN_AFTER


def active(content: str) -> list[str]:
    """Return what of a message's content Discord would take for markup, beside what every message of ours has."""
    return [found[0] for found in _ACTIVE.finditer(_ESCAPED.sub("", _OURS.sub("", content)))]
