"""Telegram's side as the conversation sees it."""

from typing import Protocol

from msgspec import Struct

from crypto_portfolio_analyzer.bot.pages import Page
from crypto_portfolio_analyzer.channels.telegram_buttons import Rows


class Press(Struct, frozen=True, kw_only=True):
    """A press of a button, with the message below which it stood: its HTML and its buttons at that moment."""

    id: str
    data: str
    message: int
    html: str
    rows: Rows = ()
    has_picture: bool = False


class Chats(Protocol):
    """What can be done in chats. Nothing here raises: what cannot be told is logged, and the person asks again."""

    async def send(self, chat: str, page: Page) -> int:
        """Send a message; return its number, 0 if it could not be sent."""
        ...

    async def edit(self, chat: str, message: int, page: Page) -> bool:
        """Change a message in place; False if it is gone or cannot be changed."""
        ...

    async def amend(self, chat: str, press: Press, page: Page) -> bool:
        """Change the message of a press, which may have a picture; False if it cannot be changed."""
        ...

    def current(self, chat: str, press: Press) -> Press:
        """Return a press with its message as it was changed last, which may be after it was pressed."""
        ...

    async def picture(self, chat: str, png: bytes, page: Page) -> int:
        """Send a picture with a caption; return its number, 0 if it could not be sent."""
        ...

    async def answer(self, press: Press, text: str) -> None:
        """Answer a press; a text is cut to what Telegram shows."""
        ...


class Answer:
    """The one answer a press gets; what is said after it is not heard."""

    def __init__(self, chats: Chats, press: Press) -> None:
        self._chats, self._press = chats, press
        self._is_given = False

    async def give(self, text: str) -> None:
        """Answer, unless that was done."""
        if not self._is_given:
            self._is_given = True
            await self._chats.answer(self._press, text)
