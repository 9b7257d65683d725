"""The other end of Telegram chats."""

from contextlib import asynccontextmanager

from crypto_portfolio_analyzer.simulation.telegram import TelegramServer
from tests.channels.chats import TOKEN, telegram
from tests.channels.ends.end import End


@asynccontextmanager
async def end():
    async with TelegramServer(token=TOKEN) as server, telegram(server) as kind:
        ada = server.person("Ada")
        yield End(
            kind=kind,
            options={"chat_id": str(ada.id)},
            taken=lambda: len(ada.chat.told),
            faults=lambda: list(server.fouls),
            hang_up=server.stop,
            secrets=(TOKEN, TOKEN.partition(":")[2]),
            garbage=({"chat_id": "not a chat"}, {"thread_id": -1}),
        )
