"""What all conversations share: the application, Telegram's chats, drafts, living messages, and what runs beside."""

import asyncio
from collections.abc import Awaitable, Callable

from msgspec import Struct, field

from crypto_portfolio_analyzer.app import App
from crypto_portfolio_analyzer.bot.beside import Beside
from crypto_portfolio_analyzer.bot.chats import Chats
from crypto_portfolio_analyzer.bot.drafting import Drafts
from crypto_portfolio_analyzer.bot.living import Living
from crypto_portfolio_analyzer.core.notices.notification import Notification

Picture = Callable[[Notification], Awaitable[bytes | None]]


class House(Struct, frozen=True, kw_only=True):
    """The parts."""

    app: App
    chats: Chats
    drafts: Drafts
    living: Living
    beside: Beside
    """Where goes on what takes longer than an answer may."""
    testing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """Held by the back-test under way: one at a time, so that no number of them slows the market."""
    picture: Picture | None = None
    """Draw the picture of a firing."""
