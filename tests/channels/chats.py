"""The Telegram type of channel at a simulated Bot API: what tests of it begin with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crypto_portfolio_analyzer.channels.guard import Guard
from crypto_portfolio_analyzer.channels.kinds import TelegramAccount, World
from crypto_portfolio_analyzer.channels.telegram import TelegramChannel
from crypto_portfolio_analyzer.clock import Clock, SystemClock
from crypto_portfolio_analyzer.core.notices.notification import Notification
from crypto_portfolio_analyzer.simulation.telegram import TelegramServer
from tests.core.notices.made import crossing, told

TOKEN = "987654321:CANARY-token-that-nobody-may-read"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@asynccontextmanager
async def telegram(
    server: TelegramServer, picture: object = None, *, clock: Clock | None = None, url: str = ""
) -> AsyncIterator[TelegramChannel]:
    """Yield the type of channel, started, for the bot of a server (or for nobody's, at `url`)."""
    account = TelegramAccount(url or server.url, server.token)
    world = World(clock=clock or SystemClock(), guard=Guard(), telegram=account, picture=picture)  # type: ignore[arg-type]
    channel = TelegramChannel(world)
    await channel.start()
    try:
        yield channel
    finally:
        await channel.stop()


def message(chat: object, *, is_repeat: bool = False, **options: object) -> Notification:
    """Return the message of a crossing for a chat."""
    made: Notification = told(crossing(), options={"chat_id": str(chat), **options}, is_repeat=is_repeat)
    return made
