"""Living messages: seldom edited, only with news, one per chat, a quarter of an hour long."""

from itertools import count, pairwise

import pytest
import pytest_asyncio

from crypto_portfolio_analyzer.bot.beside import Beside
from crypto_portfolio_analyzer.bot.living import LIFE, Living, Scene
from crypto_portfolio_analyzer.bot.pages import Page
from crypto_portfolio_analyzer.errors import StorageUnavailable
from crypto_portfolio_analyzer.tasks import Nursery
from tests.bot.fakes import WrittenChats
from tests.fakes import FakeClock

FIRST = Page("title\nbody 0")
OVER = Page("title\nover")


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def chats(clock):
    return WrittenChats(clock)


@pytest_asyncio.fixture
async def living(clock, chats):
    nursery = Nursery()
    await nursery.start()
    yield Living(chats, clock, Beside(nursery))
    await nursery.stop()


def changing():
    """Return a scene that differs with each look."""
    numbers = count(1)

    async def draw():
        return Page(f"title\nbody {next(numbers)}")

    return Scene(draw, lambda _last: OVER)


@pytest.mark.parametrize(("is_group", "every"), [(False, 10.0), (True, 30.0)])
async def test_edits_keep_their_distance_and_end_after_a_quarter_of_an_hour(
    living, clock, chats, is_group, every
):
    living.begin("7", 1, FIRST, changing(), is_group=is_group)
    await clock.advance(2 * LIFE)

    times = [at for at, _, _, _ in chats.edits]
    assert len(times) == LIFE / every
    assert all(after - before >= every for before, after in pairwise([0.0, *times]))
    assert times[-1] == LIFE
    assert [page for _, _, _, page in chats.edits].index(OVER) == len(times) - 1
    assert not living.is_alive("7")


async def test_what_has_not_changed_but_for_the_time_is_not_edited(living, clock, chats):
    numbers = count(1)

    async def draw():
        return Page(f"title {next(numbers)}\nbody 0")

    living.begin("7", 1, FIRST, Scene(draw, lambda _last: OVER), is_group=False)
    await clock.advance(LIFE - 1)

    assert chats.edits == []


async def test_one_message_of_a_chat_lives(living, clock, chats):
    living.begin("7", 1, FIRST, changing(), is_group=False)
    await clock.advance(5)
    living.begin("7", 2, FIRST, changing(), is_group=False)
    await clock.advance(60)

    assert [page for _, _, message, page in chats.edits if message == 1] == [OVER]
    assert len([page for _, _, message, page in chats.edits if message == 2]) == 6


async def test_a_message_that_is_gone_or_shows_something_else_is_left_alone(living, clock, chats):
    chats.gone.add(1)
    living.begin("7", 1, FIRST, changing(), is_group=False)
    living.begin("8", 2, FIRST, changing(), is_group=False)
    living.end("8", 2)
    await clock.advance(LIFE + 60)

    assert [(chat, message) for _, chat, message, _ in chats.edits] == [("7", 1)]


async def test_a_dead_database_does_not_end_it(living, clock, chats):
    numbers = count(1)

    async def draw():
        if next(numbers) == 1:
            raise StorageUnavailable("gone")
        return Page("title\nback")

    living.begin("7", 1, FIRST, Scene(draw, lambda _last: OVER), is_group=False)
    await clock.advance(21)

    assert [page.text for _, _, _, page in chats.edits] == ["title\nback"]


async def test_no_more_than_a_bound_live_at_once(living, clock, chats):
    for chat in range(201):
        living.begin(str(chat), 1, FIRST, changing(), is_group=False)
    await clock.advance(1)

    assert [(chat, page) for _, chat, _, page in chats.edits] == [("0", OVER)]
