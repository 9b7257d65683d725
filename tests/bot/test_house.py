"""What conversations share: only a picture may be missing, and back-tests take turns."""

from crypto_portfolio_analyzer.bot.beside import Beside
from crypto_portfolio_analyzer.bot.drafting import Drafts
from crypto_portfolio_analyzer.bot.house import House
from crypto_portfolio_analyzer.bot.living import Living
from crypto_portfolio_analyzer.tasks import Nursery
from tests.bot.fakes import WrittenChats


async def test_a_house_without_pictures_lets_one_back_test_run_at_a_time(house):
    clock, beside = house.app.clock, Beside(Nursery())
    chats = WrittenChats(clock)

    parts = House(
        app=house.app, chats=chats, drafts=Drafts(clock), living=Living(chats, clock, beside), beside=beside
    )

    assert parts.picture is None
    async with parts.testing:
        assert parts.testing.locked()
