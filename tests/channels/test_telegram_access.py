"""Access to Telegram costs nothing without a token, and is one bot for everybody."""

import asyncio
import subprocess
import sys

import pytest

from crypto_portfolio_analyzer.channels.kinds import TelegramAccount
from crypto_portfolio_analyzer.channels.telegram_access import TelegramAccess
from crypto_portfolio_analyzer.simulation.telegram import TelegramServer

LISTED = """
import sys
from crypto_portfolio_analyzer.channels.kinds import CHANNELS
assert "telegram" in CHANNELS.names()
print([name for name in sys.modules if name.partition(".")[0] == "aiogram"])
"""


@pytest.fixture
async def server():
    async with TelegramServer() as server:
        yield server


@pytest.fixture
async def access(server):
    access = TelegramAccess(TelegramAccount(server.url, server.token))
    yield access
    await access.close()


def test_knowing_the_channel_imports_no_aiogram():
    done = subprocess.run([sys.executable, "-c", LISTED], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


async def test_everybody_gets_the_same_bot(access):
    first, second = await asyncio.gather(access.bot(), access.bot())

    assert first is second


async def test_the_bot_speaks_to_the_server_of_the_account(server, access):
    me = await (await access.bot()).get_me()

    assert me.username == server.bot["username"]


async def test_an_access_that_was_closed_can_be_used_again(server, access):
    anna = server.person("Anna")
    await access.send_text(str(anna.id), "one")
    await access.close()
    await access.send_text(str(anna.id), "two")

    assert [each.text for each in anna.chat.told] == ["one", "two"]


async def test_an_edit_by_whoever_shares_the_bot_is_seen(server, access):
    anna = server.person("Anna")
    number = await access.send_text(str(anna.id), "one")
    before = await access.has_changed(str(anna.id), number)
    await (await access.bot()).edit_message_text("two", chat_id=anna.id, message_id=number)

    assert (before, await access.has_changed(str(anna.id), number)) == (False, True)


@pytest.mark.parametrize("token", ["", "abc", "12:", "12:a b", "x:abc"])
def test_what_cannot_be_a_token_is_none(token):
    assert not TelegramAccess(TelegramAccount(token=token)).is_ready
