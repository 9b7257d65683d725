"""A turn shows its page in place of the one that was pressed, or below where that is gone."""

import pytest

from crypto_portfolio_analyzer.bot.admitting import Person
from crypto_portfolio_analyzer.bot.beside import Beside
from crypto_portfolio_analyzer.bot.chats import Press
from crypto_portfolio_analyzer.bot.drafting import Drafts
from crypto_portfolio_analyzer.bot.house import House
from crypto_portfolio_analyzer.bot.living import Living
from crypto_portfolio_analyzer.bot.pages import Page
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.tasks import Nursery
from tests.bot.fakes import WrittenChats


@pytest.mark.parametrize(("gone", "shown_in"), [(set(), 5), ({5}, 1)])
async def test_a_page_takes_the_place_of_the_pressed_one_unless_that_is_gone(house, gone, shown_in):
    clock, beside = house.app.clock, Beside(Nursery())
    chats = WrittenChats(clock)
    chats.gone = gone
    parts = House(
        app=house.app, chats=chats, drafts=Drafts(clock), living=Living(chats, clock, beside), beside=beside
    )
    person = Person(id="7", name="A", owner="ada", chat="7", is_group=False, language="en")

    talk = Talk(parts, person, Press(id="1", data="x", message=5, html=""))

    assert await talk.show(Page("hello")) == shown_in
    assert talk.actor == "telegram:7"
