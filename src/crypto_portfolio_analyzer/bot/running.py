"""The bot in this process: started where there is a token, and else not even imported."""

import asyncio
import logging
from importlib import import_module
from typing import TYPE_CHECKING

from crypto_portfolio_analyzer.app import App
from crypto_portfolio_analyzer.bot.house import Picture
from crypto_portfolio_analyzer.channels.telegram import TelegramChannel
from crypto_portfolio_analyzer.tasks import Nursery

if TYPE_CHECKING:
    from crypto_portfolio_analyzer.bot.polling import Polling

logger = logging.getLogger(__name__)

_LIBRARY = "crypto_portfolio_analyzer.bot.assembling"


def bot_of(app: App, picture: Picture | None = None) -> "TelegramBot":
    """Return the bot of an application, on the access that its Telegram channel has."""
    channel = app.channel_types["telegram"]
    assert isinstance(channel, TelegramChannel), "the name is taken by our own"
    return TelegramBot(app, channel, picture)


class TelegramBot:
    """The conversation, on the bot that alerts are sent by. It shares the channel's access."""

    def __init__(self, app: App, channel: TelegramChannel, picture: Picture | None = None) -> None:
        self._app, self._channel, self._picture = app, channel, picture
        self._nursery = Nursery()
        self._polling: Polling | None = None

    @property
    def state(self) -> str:
        """Return `off`, `starting`, `listening`, or why nothing is heard: `unreachable`, `conflict`, `refused`."""
        if not self._nursery.is_open:
            return "off"
        return str(self._polling.state) if self._polling is not None else "starting"

    @property
    def name(self) -> str:
        """Return the bot's user name; nothing while it is not known."""
        return "" if self._polling is None else self._polling.name

    async def start(self) -> None:
        """Begin to listen, beside everything else; does nothing without a token."""
        if self._channel.access.is_ready:
            await self._nursery.start()
            self._nursery.spawn(self._run(), name="Telegram bot")
        elif self._app.settings.channels.telegram.bot_token is not None:
            logger.warning("the Telegram bot's token is none; give it as @BotFather wrote it")

    async def stop(self) -> None:
        """Stop listening; what was not handled is told again."""
        await self._nursery.stop()
        self._polling = None

    async def _run(self) -> None:
        """Import the library in a thread, since that takes seconds; then listen."""
        await asyncio.to_thread(import_module, _LIBRARY)
        from crypto_portfolio_analyzer.bot.assembling import polling_of  # noqa: PLC0415  # see above

        self._polling = await polling_of(
            self._app, self._channel, self._nursery, self._picture, self._app.delivery.pacer
        )
        await self._polling.run()
