"""Telegram, through the operator's bot (https://core.telegram.org/bots/api): text first, picture after.

Bot API has no idempotency key: what may have arrived already is sent again marked as a repeat.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from crypto_portfolio_analyzer.channels.botapi.refusals import Moved, Unreadable
from crypto_portfolio_analyzer.channels.endpoint import Endpoint
from crypto_portfolio_analyzer.channels.kinds import CHANNELS, Accepted, Option, Rate, World
from crypto_portfolio_analyzer.channels.options import Options
from crypto_portfolio_analyzer.channels.telegram_access import TelegramAccess
from crypto_portfolio_analyzer.channels.telegram_buttons import Rows, alert_rows, digest_rows
from crypto_portfolio_analyzer.channels.telegram_pictures import Pictures
from crypto_portfolio_analyzer.channels.telegram_text import Text, text_of
from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.core.notices.markup import telegram
from crypto_portfolio_analyzer.core.notices.notification import Channel, Notification
from crypto_portfolio_analyzer.core.notices.reader import reader_of
from crypto_portfolio_analyzer.errors import DeliveryFailed
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

PER_SECOND = Rate("telegram", 28, 1.0, burst=3)
"""Over all chats at most 30 in any second, and what a late timer loses can be made up for."""
_PER_CHAT = 1.0, 2
"""Seconds a message in one chat, and how many at once after a rest; Telegram lets short bursts pass."""
_PER_GROUP = 17, 3
"""Messages a minute in a group, and how many of them at once: together at most 20 in any minute."""
_CHAT = r"-?[1-9]\d{0,15}|@[A-Za-z]\w{3,31}"
_ASKING = {
    "en": "To be told of alerts here, enter this code where you set the channel up: <code>{}</code>",
    "de": "Um hier von Alarmen zu erfahren, gib diesen Code dort ein, wo du den Kanal anlegst: <code>{}</code>",
}


@CHANNELS("telegram")
class TelegramChannel(Endpoint):
    """A Telegram chat or group that the operator's bot may write to."""

    name: ClassVar[str] = "telegram"
    label: ClassVar[str] = "Telegram"
    about: ClassVar[str] = (
        "A Telegram chat or group, written to by the operator's bot; say /start to it there first."
    )
    options: ClassVar[tuple[Option, ...]] = (
        Option("chat_id", "text", "the chat's number, or @name of a public group", is_needed=True),
        Option("thread_id", "number", "the topic of a group that has topics"),
        Option("silent", "flag", "no sound but for critical alerts"),
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.access = TelegramAccess(world.telegram)
        """The bot, for whoever talks with people by it."""
        self.faults: Counter[str] = Counter()
        """Our own faults and what a message went without: `unreadable`, `picture`."""
        self._nursery = Nursery()
        self._pictures = Pictures(world, self.access, self._nursery, self.faults)

    @property
    def is_ready(self) -> str:
        """Return what to do where there is no bot yet."""
        remedy = "set CRYPTO_ANALYZER_CHANNELS__TELEGRAM__BOT_TOKEN to the token that @BotFather gave you"
        return "" if self.access.is_ready else remedy

    def check(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return options that can be stored; a chat's number may be given as one."""
        chat = given.get("chat_id")
        is_number = isinstance(chat, int) and not isinstance(chat, bool)
        options = Options({**given, "chat_id": str(chat)} if is_number else given, self.options)
        remedy = "write the chat's number (the bot tells it after /start), or @name of a public group"
        options.text("chat_id", pattern=_CHAT, remedy=remedy)
        thread = options.number("thread_id", 1, 2**31 - 1)
        if thread is not None:
            options.keep("thread_id", int(thread))
        options.flag("silent")
        return options.checked()

    def needs_proof(self, options: Mapping[str, object]) -> bool:
        """Return yes: a chat's number is no secret."""
        return True

    def lane(self, channel: Channel, symbol: str) -> str:
        """Return the chat, whichever of its topics."""
        return f"telegram:{_chat(channel)}"

    def rates(self, channel: Channel) -> tuple[Rate, ...]:
        """Return Telegram's limits: over all chats, for the chat, and for a group (a public one has a @name)."""
        chat, (seconds, burst), (count, at_once) = _chat(channel), _PER_CHAT, _PER_GROUP
        rates = PER_SECOND, Rate(f"telegram:{chat}", 1, seconds, burst)
        if not chat.startswith(("-", "@")):
            return rates
        return (*rates, Rate(f"telegram:{chat}:group", count, 60.0, at_once))

    async def send(self, notification: Notification) -> Accepted:
        """Send the text, and see to the picture afterwards; follow a chat that has moved."""
        channel = notification.channel
        text, rows, asked = text_of(notification), rows_of(notification), _chat(channel)
        chat, message = await self._tell(asked, notification, text, rows)
        self._pictures.want(notification, chat, message, text, rows)
        moved = None if chat == asked else {**channel.options, "chat_id": chat}
        return Accepted(reference=f"{chat}:{message}", status=200, options=moved)

    async def _tell(
        self, chat: str, notification: Notification, text: Text, rows: Rows, *, may_move: bool = True
    ) -> tuple[str, int]:
        """Send the text where the chat is now; return chat and message."""
        try:
            return chat, await self._write(chat, notification, text, rows)
        except Moved as error:
            moved = str(error.chat)
        if not may_move:
            raise DeliveryFailed("status", "the chat moves again and again", status=400, is_config=True)
        return await self._tell(moved, notification, text, rows, may_move=False)

    async def _write(self, chat: str, notification: Notification, text: Text, rows: Rows) -> int:
        """Send the text as HTML, or plain where the server cannot read that: ugly is better than lost."""
        options = notification.channel.options
        thread = options.get("thread_id")
        send = partial(
            self.access.send_text,
            chat,
            rows=rows,
            is_silent=_is_silent(notification),
            thread=thread if isinstance(thread, int) else None,
        )
        try:
            return await send(text.html)
        except Unreadable:
            self.faults["unreadable"] += 1
            logger.warning("Telegram could not read a message", extra={"key": notification.key})
        try:
            return await send(text.plain, is_html=False)
        except Unreadable:  # of what has no markup
            detail = "Telegram could not read the message"
        raise DeliveryFailed("status", detail, status=400, is_config=True)

    async def prove(self, channel: Channel, challenge: str) -> bool:
        """Send the code into the chat; whoever reads it there enters it here."""
        sentence = _ASKING[reader_of(channel.options, 0).language]
        try:
            await self.access.send_text(_chat(channel), sentence.format(telegram(challenge)))
        except (Moved, Unreadable):
            detail = "Telegram would not take the question: give the chat's number anew"
        else:
            return False
        raise DeliveryFailed("status", detail, status=400, is_config=True)

    async def start(self) -> None:
        """Be ready for pictures; where there is a bot, get it ready before the first message."""
        await self._nursery.start()
        if self.access.is_ready:
            self._nursery.spawn(self.access.bot())

    async def stop(self) -> None:
        """Let go of pictures under way, and of the connections."""
        await self._nursery.stop()
        await self.access.close()
        await super().stop()


def rows_of(notification: Notification) -> Rows:
    """Return the buttons under a message: those of its alert, or of a digest; else none."""
    firing, language = notification.firing, notification.language
    if firing is not None:
        return alert_rows(firing.id, notification.alert, language)
    firings = [work.firing for work in notification.works if work.firing is not None]
    return digest_rows(firings[0].id, language) if firings else ()


def _is_silent(notification: Notification) -> bool:
    if notification.severity is Severity.CRITICAL:
        return False
    return notification.severity is Severity.INFO or notification.channel.options.get("silent") is True


def _chat(channel: Channel) -> str:
    return str(channel.options["chat_id"])
