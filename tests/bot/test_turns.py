"""Turns: one thing at a time of each chat, and nothing left behind."""

import asyncio

from crypto_portfolio_analyzer.bot.turns import Turns


async def test_things_of_a_chat_follow_each_other_and_chats_do_not_wait_for_each_other():
    turns, log, go_on = Turns(), [], asyncio.Event()

    async def take(chat, name):
        async with turns.of(chat):
            log.append(f"{name} begins")
            if name == "first":
                await go_on.wait()
            log.append(f"{name} ends")

    async with asyncio.TaskGroup() as group:
        group.create_task(take("7", "first"))
        group.create_task(take("7", "second"))
        await group.create_task(take("8", "other"))
        go_on.set()

    assert log == ["first begins", "other begins", "other ends", "first ends", "second begins", "second ends"]
    assert len(turns) == 0
