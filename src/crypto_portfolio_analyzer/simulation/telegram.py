"""A Bot API server on a loopback port: one bot, its people and groups, Telegram's limits and their punishment.

It speaks the wire protocol (https://core.telegram.org/bots/api#making-requests): `/bot<token>/<method>` with a JSON,
form or multipart body, answered by `ok`, `result` or `error_code`, `description`, `parameters`.
"""

import asyncio
import json
import logging
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import count
from types import TracebackType
from typing import Self

from aiohttp import BodyPartReader, web
from msgspec import Struct

from crypto_portfolio_analyzer.clock import Clock, SystemClock
from crypto_portfolio_analyzer.errors import PortTaken
from crypto_portfolio_analyzer.simulation.telegram_chats import (
    Chat,
    Json,
    Message,
    Person,
    Press,
    Refused,
    Town,
    Version,
)
from crypto_portfolio_analyzer.simulation.telegram_limits import Fouling, TelegramLimits
from crypto_portfolio_analyzer.simulation.telegram_methods import Methods
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

TOKEN = "123456789:simulated-token-of-nobody"  # noqa: S105  # opens the simulator only
_MAX_BODY = 20 << 20


class Mishap(StrEnum):
    """What can happen to a request on purpose."""

    REFUSE = "refuse"
    HANG = "hang"
    """No answer, ever; what was asked is done."""
    DROP_BEFORE = "drop_before"
    """The connection is cut and nothing done."""
    DROP_AFTER = "drop_after"
    """What was asked is done, then the connection is cut."""
    GARBAGE = "garbage"
    """The answer is no JSON."""


class Script(Struct, kw_only=True):
    """A mishap for the next `times` requests of a method (`*`: any); of a refusal its status and sentence."""

    mishap: Mishap
    method: str = "sendMessage"
    times: int = 1
    status: int = 500
    sentence: str = "Internal Server Error"
    retry_after: int | None = None

    def fits(self, method: str) -> bool:
        """Tell whether it is this request's turn."""
        return self.times > 0 and self.method.lower() in {"*", method.lower()}


class Call(Struct, frozen=True):
    """One request as it was heard, and the status it was answered with; 0 for a cut connection."""

    method: str
    params: dict[str, str]
    at: float
    status: int


class TelegramServer:
    """The simulator. `url` is the base that settings want; `town` holds people and chats.

    `clock` drives every limit and wait: one ScaledClock speeds them up together.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        port: int = 0,
        token: str = TOKEN,
        limits: TelegramLimits | None = None,
    ) -> None:
        self.clock, self.token = clock or SystemClock(), token
        self.bot: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Analyzer",
            "username": "simulated_analyzer_bot",
            "can_join_groups": True,
        }
        self.town = Town(self)
        self.methods = Methods(self.bot, self.town, limits or TelegramLimits(), self.clock)
        self.calls: list[Call] = []
        self.scripts: list[Script] = []
        self._port = port
        self._updates: list[Json] = []
        self._update_ids = count(1)
        self._poll: asyncio.Future[str] | None = None
        self._changed = asyncio.Event()
        self._nursery = Nursery()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Base of the API's address."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def fouls(self) -> Counter[Fouling]:
        """Which rules the bot broke, and how often."""
        return self.methods.fouls

    @property
    def unanswered(self) -> list[Press]:
        """Presses that were never answered: the person still sees a spinning button."""
        return [press for press in self.methods.presses.values() if press.answer is None]

    @property
    def pending(self) -> int:
        """Updates that the bot has not confirmed."""
        return len(self._updates)

    def person(
        self, name: str, number: int | None = None, *, language: str = "en", has_started: bool = True
    ) -> Person:
        """Let somebody be there, with a private chat."""
        return self.town.person(name, number, language=language, has_started=has_started)

    def group(self, title: str, members: Sequence[Person] = (), *, username: str = "") -> Chat:
        """Let a group be there, with the bot in it."""
        return self.town.group(title, members, username=username)

    def script(self, mishap: Mishap, method: str = "sendMessage", **rest: int | str) -> Script:
        """Let something go wrong with the next requests of a method."""
        script = Script(mishap=mishap, method=method, **rest)  # type: ignore[arg-type]
        self.scripts.append(script)
        return script

    async def until(self, holds: Callable[[], object], within: float = 5.0) -> None:
        """Wait (real seconds) until something holds that a request brings about; raises TimeoutError."""
        async with asyncio.timeout(within):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    # --- what people do -----------------------------------------------------------------------------------

    def hear(self, kind: str, content: Json) -> None:
        """Queue an update for the bot."""
        self._updates.append({"update_id": next(self._update_ids), kind: content})
        self._end_poll("heard")

    def post(self, chat: Chat, sender: Json, text: str) -> Message:
        """Put a person's message into a chat."""
        return self.methods.add(chat, sender, Version(self.clock.now(), text), {})

    def pressed(self, person: Person, message: Message, data: str) -> Press:
        """Open a callback query."""
        return self.methods.open_query(person, message, data)

    # --- life ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen; raises PortTaken if the port is in use."""
        try:
            listener = socket.create_server(("127.0.0.1", self._port), backlog=512)
        except OSError as error:
            raise PortTaken("127.0.0.1", self._port) from error
        self._port = listener.getsockname()[1]
        await self._nursery.start()
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.SockSite(self._runner, listener).start()
        logger.info("simulated Telegram listens", extra={"port": self._port})

    async def stop(self) -> None:
        """Cut everybody and stop listening."""
        self._end_poll("stopped")
        await self._nursery.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    # --- requests -----------------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        door, _, method = request.path.strip("/").partition("/")
        at = self.clock.monotonic()
        try:
            params, files = await _body(request)
        except (ValueError, ConnectionError):
            return _answer(400, {"ok": False, "error_code": 400, "description": "Bad Request"})
        status = 0
        try:
            status, answer = await self._answer(door, method, params, files)
        finally:
            self.calls.append(Call(method, params, at, status))
            self._changed.set()
        if not status:
            _cut(request)
        return _answer(status or 500, answer)

    async def _answer(
        self, door: str, method: str, params: dict[str, str], files: dict[str, bytes]
    ) -> tuple[int, Json | str]:
        try:
            self._admit(door, method)
            script = next((each for each in self.scripts if each.fits(method)), None)
            if script is not None:
                return await self._go_wrong(script, method, params, files)
            return 200, {"ok": True, "result": await self._do(method, params, files)}
        except Refused as refused:
            return refused.status, _refusal(refused)

    def _admit(self, door: str, method: str) -> None:
        if door != f"bot{self.token}":
            self.fouls[Fouling.WRONG_TOKEN] += 1
            is_token = door.startswith("bot") and door[3:].partition(":")[0].isdecimal()
            raise Refused(401, "Unauthorized") if is_token else Refused(404, "Not Found")
        if method not in self.methods and method.lower() != "getupdates":
            raise Refused(404, "Not Found: method not found")

    async def _do(self, method: str, params: dict[str, str], files: dict[str, bytes]) -> object:
        if method.lower() == "getupdates":
            return await self._get_updates(params)
        return self.methods.call(method, params, files)

    async def _go_wrong(
        self, script: Script, method: str, params: dict[str, str], files: dict[str, bytes]
    ) -> tuple[int, Json | str]:
        script.times -= 1
        if script.mishap is Mishap.REFUSE:
            wait = {} if script.retry_after is None else {"retry_after": script.retry_after}
            raise Refused(script.status, script.sentence, **wait)
        if script.mishap is Mishap.DROP_BEFORE:
            return 0, ""
        await self._do(method, params, files)
        if script.mishap is Mishap.HANG:
            self._changed.set()
            await asyncio.get_running_loop().create_future()  # ends with the client's patience
        return (502, "<html>Bad Gateway</html>") if script.mishap is Mishap.GARBAGE else (0, "")

    # --- polling ------------------------------------------------------------------------------------------

    async def _get_updates(self, params: dict[str, str]) -> list[Json]:
        """Return what the bot has not confirmed by a higher offset; wait for news. The older poller is sent away."""
        self._end_poll("conflict")
        offset, limit = int(params.get("offset", "0")), int(params.get("limit", "100"))
        self._updates = [each for each in self._updates if each["update_id"] >= offset]
        wait = float(params.get("timeout", "0"))
        if not self._updates and wait > 0 and await self._news(wait) == "conflict":
            self.fouls[Fouling.SECOND_POLLER] += 1
            sentence = (
                "terminated by other getUpdates request; make sure that only one bot instance is running"
            )
            raise Refused(409, f"Conflict: {sentence}")
        return self._updates[: max(1, min(100, limit))]

    async def _news(self, wait: float) -> str:
        poll: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._poll = poll
        timer = self._nursery.spawn(self._expire(poll, wait))
        try:
            return await poll
        finally:
            timer.cancel()

    async def _expire(self, poll: "asyncio.Future[str]", wait: float) -> None:
        await self.clock.sleep(wait)
        if not poll.done():
            poll.set_result("nothing")

    def _end_poll(self, why: str) -> None:
        poll, self._poll = self._poll, None
        if poll is not None and not poll.done():
            poll.set_result(why)


def _refusal(refused: Refused) -> Json:
    answer: Json = {"ok": False, "error_code": refused.status, "description": refused.sentence}
    if refused.parameters:
        answer["parameters"] = dict(refused.parameters)
    return answer


def _answer(status: int, answer: Json | str) -> web.Response:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return web.Response(text=text, status=status, content_type="application/json")


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _body(request: web.Request) -> tuple[dict[str, str], dict[str, bytes]]:
    params, files = dict(request.query), dict[str, bytes]()
    if request.content_type == "application/json":
        said = json.loads(await request.text() or "{}")
        params |= {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in said.items()
            if value is not None
        }
    elif request.content_type.startswith("multipart/"):
        async for part in await request.multipart():
            await _take_part(part, params, files)
    else:
        params |= {name: str(value) for name, value in (await request.post()).items()}
    return params, files


async def _take_part(part: object, params: dict[str, str], files: dict[str, bytes]) -> None:
    if not isinstance(part, BodyPartReader):
        return
    name = part.name or ""
    if part.filename is None:
        params[name] = await part.text()
    else:
        files[name] = await part.read()
