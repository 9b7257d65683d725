"""The other end of Telegram chats."""

from contextlib import asynccontextmanager
from functools import partial

from crypto_portfolio_analyzer.simulation.telegram import TelegramServer
from tests.channels.chats import TOKEN, telegram
from tests.channels.ends.end import End
from tests.fakes import FakeClock


@asynccontextmanager
async def end():
    clock = FakeClock()
    async with TelegramServer(token=TOKEN, clock=clock) as server, telegram(server, clock=clock) as kind:
        ada = server.person("Ada")
        yield End(
            kind=kind,
            options={"chat_id": str(ada.id)},
            taken=lambda: len(ada.chat.told),
            faults=lambda: list(server.fouls),
            hang_up=server.stop,
            rest=partial(clock.advance, 2),
            secrets=(TOKEN, TOKEN.partition(":")[2]),
            garbage=({"chat_id": "not a chat"}, {"thread_id": -1}),
        )
