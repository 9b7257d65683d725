"""Work beside the conversation: a fault of one is logged and ends none of the others."""

import asyncio

import pytest

from crypto_portfolio_analyzer.bot.beside import Beside
from crypto_portfolio_analyzer.errors import NotFound
from crypto_portfolio_analyzer.tasks import Nursery


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("a bug"), "the bot failed beside the conversation"),
        (NotFound("x", "y"), "could not go on"),
    ],
)
async def test_one_that_fails_ends_nothing_else(error, said, caplog):
    nursery, go_on, log = Nursery(), asyncio.Event(), []
    await nursery.start()
    beside = Beside(nursery)

    async def fail():
        raise error

    async def go(name, *, ending):
        await go_on.wait()
        log.append(name + ending)

    steady = beside.spawn(go, "steady", ending="!")
    await beside.spawn(fail)
    go_on.set()
    await steady
    await beside.spawn(go, "later", ending="?")
    await nursery.stop()

    assert log == ["steady!", "later?"]
    assert said in caplog.text
    assert nursery.failed is None
