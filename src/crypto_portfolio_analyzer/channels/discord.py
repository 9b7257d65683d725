"""Discord, through a channel's webhook (discord.com/developers/docs/resources/webhook).

How fast is fast enough is read from each answer, never assumed. Text goes first; the picture follows by an edit.
"""

import logging
import re
from collections.abc import Mapping
from typing import ClassVar

import aiohttp
import msgspec
from yarl import URL

from crypto_portfolio_analyzer.channels.endpoint import Endpoint
from crypto_portfolio_analyzer.channels.guard import OPERATORS
from crypto_portfolio_analyzer.channels.http import MAX_RETRY_AFTER, Answer, ask, read_json, require_accepted
from crypto_portfolio_analyzer.channels.kinds import CHANNELS, Accepted, Option, World
from crypto_portfolio_analyzer.channels.masking import fingerprint
from crypto_portfolio_analyzer.channels.options import Options
from crypto_portfolio_analyzer.channels.texts import fitted, paragraphs, utf16_units
from crypto_portfolio_analyzer.core.notices.markup import discord
from crypto_portfolio_analyzer.core.notices.notification import Channel, Notification
from crypto_portfolio_analyzer.errors import DeliveryFailed, InvalidInput
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

MAX_CONTENT = 2000
MAX_PICTURES = 8
"""How many pictures may be under way at once; further messages go without."""
_HOSTS = frozenset(("discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"))
_PATH = re.compile(r"/api(/v\d{1,2})?/webhooks/\d{1,20}/[\w-]{1,200}", re.ASCII)
_NO_MENTIONS = {"parse": list[str]()}
_JSON = {"Content-Type": "application/json"}


class _Message(msgspec.Struct):
    id: str = ""


class _Slow(msgspec.Struct):
    retry_after: float = 0.0


@CHANNELS("discord")
class DiscordChannel(Endpoint):
    """A Discord channel, by its webhook."""

    name: ClassVar[str] = "discord"
    label: ClassVar[str] = "Discord"
    about: ClassVar[str] = (
        "A Discord channel, by the webhook URL from its settings (Integrations → Webhooks)."
    )
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            "url",
            "secret",
            "the webhook URL, https://discord.com/api/webhooks/…; left out, the operator's own, if there is one",
        ),
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._operators: aiohttp.ClientSession | None = None
        self._nursery = Nursery()
        self._pictures = 0

    def check(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return options that can be stored."""
        options = Options(given, self.options)
        if (
            not options.url("url", self._check_url)
            and not given.get("url")
            and not self.world.discord.webhook_url
        ):
            options.fault("url", "it is needed", "copy it from the channel's settings, Integrations")
        return options.checked()

    def _url(self, channel: Channel) -> str:
        return str(channel.options.get("url") or self.world.discord.webhook_url)

    def _session_for(self, channel: Channel) -> aiohttp.ClientSession:
        """Return the guarded session, or for the operator's own webhook one that may go anywhere."""
        if channel.options.get("url"):
            return self.session
        if self._operators is None:
            self._operators = OPERATORS.session()
        return self._operators

    def _check_url(self, text: str) -> str:
        url = self.guard.check_url(text)
        parsed = URL(url)
        is_discord = parsed.host in _HOSTS and parsed.explicit_port is None
        is_hook = is_discord and _PATH.fullmatch(parsed.path)
        if not (is_hook or self.guard.is_own(url)):  # one's own server may call its hooks as it likes
            raise InvalidInput(
                "this is no Discord webhook; copy it from the channel's settings, Integrations"
            )
        return str(parsed.with_query(None))

    def lane(self, channel: Channel, symbol: str) -> str:
        """Return the webhook's fingerprint."""
        return f"discord:{fingerprint(self._url(channel))}"

    async def send(self, notification: Notification) -> Accepted:
        """Post the text, and see to the picture afterwards."""
        body = {"content": _content(notification), "allowed_mentions": _NO_MENTIONS}
        answer = await ask(
            self._session_for(notification.channel),
            f"{self._url(notification.channel)}?wait=true",
            msgspec.json.encode(body),
            _JSON,
            patience=self.patience,
            wants_body=True,
        )
        self._require(answer)
        message = read_json(answer.body, _Message).id
        pause = _pause(answer)
        if message.isdecimal() and not pause:
            self._illustrate(notification, message)
        return Accepted(reference=message[:64], status=answer.status, pause=pause)

    def _require(self, answer: Answer) -> None:
        """Raise DeliveryFailed for what was not taken; whoever is told no for good does not ask again."""
        if answer.status in (401, 403, 404):
            detail = f"Discord answered {answer.status}: the webhook is gone; make a new one in the channel's settings"
            raise DeliveryFailed("status", detail, status=answer.status, disables=True, is_config=True)
        if answer.status == 429 and (wait := read_json(answer.body, _Slow).retry_after) > 0:
            detail = "Discord wants fewer messages"
            raise DeliveryFailed("status", detail, status=429, retry_after=min(wait, MAX_RETRY_AFTER))
        require_accepted(answer, self.world.clock.now())

    def _illustrate(self, notification: Notification, message: str) -> None:
        wanted = notification.channel.options.get("picture") != "off" and notification.firing is not None
        if self.world.picture and wanted and self._nursery.is_open and self._pictures < MAX_PICTURES:
            self._pictures += 1
            self._nursery.spawn(self._attach(notification, message))

    async def _attach(self, notification: Notification, message: str) -> None:
        """Draw the picture and edit it into the message; without it the message is complete all the same."""
        try:
            picture = self.world.picture and await self.world.picture(notification)
            if picture:
                form = _form(picture, notification.headline[:1000])
                url = f"{self._url(notification.channel)}/messages/{message}"
                session = self._session_for(notification.channel)
                answer = await ask(session, url, form, {}, patience=self.patience, method="PATCH")
                require_accepted(answer, self.world.clock.now())
        except DeliveryFailed as failure:
            logger.info(
                "a message stays without its picture",
                extra={"channel": notification.channel.id, "error": failure.error, "status": failure.status},
            )
        finally:
            self._pictures -= 1

    async def start(self) -> None:
        """Be ready for pictures."""
        await self._nursery.start()

    async def stop(self) -> None:
        """Let go of pictures under way, and of the session."""
        await self._nursery.stop()
        session, self._operators = self._operators, None
        if session is not None:
            await session.close()
        await super().stop()


def _content(notification: Notification) -> str:
    """Return the text of a message, escaped and cut: the headline bold, the rest below it, the link last."""
    link = f"\n<{notification.url}>" if notification.url else ""
    room = MAX_CONTENT - utf16_units(link)
    if notification.body:
        body = fitted(notification.body, lambda text: utf16_units(discord(text)) <= room)
        return discord(body) + link
    headline = fitted(notification.headline, lambda text: utf16_units(discord(text)) <= room // 2)
    head = f"**{discord(headline)}**"
    left = room - utf16_units(head) - 1
    below = fitted(paragraphs(notification), lambda text: utf16_units(discord(text)) <= left)
    return head + (f"\n{discord(below)}" if below else "") + link


def _form(picture: bytes, description: str) -> aiohttp.FormData:
    """Return the edit that puts a picture below a message."""
    attachments = [{"id": 0, "filename": "chart.png", "description": description}]
    edit = msgspec.json.encode({"attachments": attachments, "allowed_mentions": _NO_MENTIONS})
    form = aiohttp.FormData()
    form.add_field("payload_json", edit.decode(), content_type="application/json")
    form.add_field("files[0]", picture, filename="chart.png", content_type="image/png")
    return form


def _pause(answer: Answer) -> float | None:
    """Return for how many seconds the webhook's allowance is used up; None if it is not."""
    if answer.headers.get("X-RateLimit-Remaining") != "0":
        return None
    try:
        seconds = float(answer.headers.get("X-RateLimit-Reset-After", ""))
    except ValueError:
        return None
    return min(seconds, MAX_RETRY_AFTER) if seconds > 0 else None
