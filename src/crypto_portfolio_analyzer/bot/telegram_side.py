"""Telegram's side, by aiogram: pages sent and edited at Telegram's pace, presses answered at once.

Alerts go first: what is said here waits whenever an alert does. What Telegram refuses is logged, never raised.
"""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Sequence
from typing import Protocol, TypeVar

from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramBadRequest, TelegramRetryAfter
from aiogram.types import BufferedInputFile, CallbackQuery, InlineKeyboardMarkup, LinkPreviewOptions, Message
from msgspec.structs import replace

from crypto_portfolio_analyzer.bot.chats import Press
from crypto_portfolio_analyzer.bot.pages import Page
from crypto_portfolio_analyzer.channels.botapi.messages import keyboard
from crypto_portfolio_analyzer.channels.kinds import Rate
from crypto_portfolio_analyzer.channels.telegram import TelegramChannel
from crypto_portfolio_analyzer.channels.telegram_buttons import Button, Rows
from crypto_portfolio_analyzer.core.notices.graphemes import cut
from crypto_portfolio_analyzer.core.notices.notification import Channel

logger = logging.getLogger(__name__)

MOST_ANSWER = 200
MOST_AMENDED = 500
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_SAME = "message is not modified"
T = TypeVar("T")


class Pace(Protocol):
    """The turnstile of everything that is sent."""

    async def wait(self, rates: Sequence[Rate], *, urgent: bool) -> None:
        """Wait until one message may go, and count it."""
        ...


class TelegramSide:
    """Chats of one bot, under the limits that alerts count against as well."""

    def __init__(self, bot: Bot, kind: TelegramChannel, pace: Pace) -> None:
        self._bot, self._kind, self._pace = bot, kind, pace
        self._amended: OrderedDict[tuple[str, int], Page] = OrderedDict()

    async def send(self, chat: str, page: Page) -> int:
        """Send a message; return its number, 0 if it could not be sent."""
        await self._wait(chat)
        sent = await self._tried(
            self._bot.send_message(
                chat,
                page.text,
                parse_mode="HTML",
                link_preview_options=_NO_PREVIEW,
                reply_markup=keyboard(page.rows),
            )
        )
        return sent.message_id if sent is not None else 0

    async def edit(self, chat: str, message: int, page: Page) -> bool:
        """Change a message in place; False if it is gone or cannot be changed."""
        await self._wait(chat)
        return await self._changed(
            self._bot.edit_message_text(
                page.text,
                chat_id=chat,
                message_id=message,
                parse_mode="HTML",
                link_preview_options=_NO_PREVIEW,
                reply_markup=keyboard(page.rows),
            )
        )

    async def amend(self, chat: str, press: Press, page: Page) -> bool:
        """Change the message of a press, which may have a picture; False if it cannot be changed."""
        self._amended[chat, press.message] = page
        if len(self._amended) > MOST_AMENDED:
            self._amended.popitem(last=False)
        if not press.has_picture:
            return await self.edit(chat, press.message, page)
        await self._wait(chat)
        return await self._changed(
            self._bot.edit_message_caption(
                chat_id=chat,
                message_id=press.message,
                caption=page.text,
                parse_mode="HTML",
                show_caption_above_media=True,
                reply_markup=keyboard(page.rows),
            )
        )

    async def picture(self, chat: str, png: bytes, page: Page) -> int:
        """Send a picture with a caption; return its number, 0 if it could not be sent."""
        await self._wait(chat)
        sent = await self._tried(
            self._bot.send_photo(
                chat,
                BufferedInputFile(png, "chart.png"),
                caption=page.text,
                parse_mode="HTML",
                show_caption_above_media=True,
                reply_markup=keyboard(page.rows),
            )
        )
        return sent.message_id if sent is not None else 0

    async def answer(self, press: Press, text: str) -> None:
        """Answer a press; a text is cut to what Telegram shows."""
        await self._tried(self._bot.answer_callback_query(press.id, cut(text, MOST_ANSWER) or None))

    def current(self, chat: str, press: Press) -> Press:
        """Return a press with its message as it was changed last, which may be after it was pressed."""
        known = self._amended.get((chat, press.message))
        return press if known is None else replace(press, html=known.text, rows=known.rows)

    async def _wait(self, chat: str) -> None:
        channel = Channel(id="", owner="", type=self._kind.name, name="", options={"chat_id": chat})
        await self._pace.wait(self._kind.rates(channel), urgent=False)

    async def _changed(self, asking: Awaitable[object]) -> bool:
        """Tell whether a change was made, or was there already."""
        try:
            await asking
        except TelegramBadRequest as error:
            if _SAME in error.message:
                return True
            logger.info("a message of the bot could not be changed", extra={"why": _short(error)})
            return False
        except AiogramError as error:
            logger.warning("Telegram did not take a change", extra={"why": _short(error)})
            return True  # a second message would not get through either
        return True

    async def _tried(self, asking: Awaitable[T]) -> T | None:
        try:
            return await asking
        except TelegramRetryAfter as error:
            logger.warning("Telegram wants to be left alone", extra={"seconds": error.retry_after})
        except AiogramError as error:
            logger.warning("Telegram did not take a message of the bot", extra={"why": _short(error)})
        return None


def press_of(query: CallbackQuery, message: Message) -> Press:
    """Return a press as the conversation knows it."""
    return Press(
        id=query.id,
        data=query.data or "",
        message=message.message_id,
        html=message.html_text or "",
        rows=rows_of(message.reply_markup),
        has_picture=bool(message.photo),
    )


def rows_of(markup: InlineKeyboardMarkup | None) -> Rows:
    """Return a keyboard as rows of our buttons."""
    if markup is None:
        return ()
    return tuple(
        tuple(
            Button(
                each.text,
                each.callback_data or "",
                each.copy_text.text if each.copy_text is not None else "",
                each.url or "",
                each.style or "",
            )
            for each in row
        )
        for row in markup.inline_keyboard
    )


def _short(error: AiogramError) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"
