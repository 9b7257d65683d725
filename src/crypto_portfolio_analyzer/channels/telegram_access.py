"""Access to Telegram: the operator's one bot, shared by alerts and conversation.

aiogram takes seconds to import, so it is imported with the first use, in a thread: who has no token does not pay.
"""

import asyncio
import re
from importlib import import_module
from typing import TYPE_CHECKING, cast

from crypto_portfolio_analyzer.channels.kinds import TelegramAccount
from crypto_portfolio_analyzer.channels.telegram_buttons import Rows
from crypto_portfolio_analyzer.errors import DeliveryFailed

if TYPE_CHECKING:
    from aiogram import Bot

    from crypto_portfolio_analyzer.channels.botapi.session import Session

_LIBRARY = "crypto_portfolio_analyzer.channels.botapi.messages"
_TOKEN = re.compile(r"\d{1,20}:\S+", re.ASCII)


class TelegramAccess:
    """One bot, made when it is first asked for."""

    def __init__(self, account: TelegramAccount) -> None:
        self._account = account
        self._making = asyncio.Lock()
        self._bot: Bot | None = None

    @property
    def is_ready(self) -> bool:
        """Whether the operator has given a token, or what could be one."""
        return _TOKEN.fullmatch(self._account.token) is not None

    async def bot(self) -> "Bot":
        """Return the bot; the first call takes as long as importing aiogram does.

        Raises DeliveryFailed without a token: channels outlive the operator's settings.
        """
        if not self.is_ready:
            raise DeliveryFailed("no_bot", "the operator has set no token of a bot", is_config=True)
        async with self._making:
            if self._bot is None:
                await asyncio.to_thread(import_module, _LIBRARY)
                from crypto_portfolio_analyzer.channels.botapi.session import make_bot  # noqa: PLC0415

                self._bot = make_bot(self._account)
            return self._bot

    async def send_text(
        self,
        chat: str,
        text: str,
        rows: Rows = (),
        *,
        is_html: bool = True,
        is_silent: bool = False,
        thread: int | None = None,
    ) -> int:
        """Send a message and return its number; raises DeliveryFailed, Unreadable, Moved."""
        bot = await self.bot()
        from crypto_portfolio_analyzer.channels.botapi import messages  # noqa: PLC0415

        return await messages.send_text(
            bot, chat, text, rows, is_html=is_html, is_silent=is_silent, thread=thread
        )

    async def add_picture(self, chat: str, message: int, picture: bytes, caption: str, rows: Rows) -> None:
        """Turn a text into a PNG with the text (HTML) above it; raises DeliveryFailed, Unreadable, Moved."""
        bot = await self.bot()
        from crypto_portfolio_analyzer.channels.botapi import messages  # noqa: PLC0415

        await messages.add_picture(bot, chat, message, picture, caption, rows)

    async def has_changed(self, chat: str, message: int) -> bool:
        """Tell whether a message was edited or deleted since it was sent, by whoever shares the bot."""
        return cast("Session", (await self.bot()).session).has_changed(chat, message)

    async def close(self) -> None:
        """Close the bot's connections; it can be asked for again."""
        bot, self._bot = self._bot, None
        if bot is not None:
            await bot.session.close()
