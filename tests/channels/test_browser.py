"""The browser: the feed has it already."""

import pytest

from crypto_portfolio_analyzer.channels.browser import BrowserChannel
from crypto_portfolio_analyzer.channels.kinds import Accepted
from crypto_portfolio_analyzer.errors import InvalidFields
from tests.channels.connects import connects
from tests.channels.sending import channel, message, world


async def test_a_message_is_accepted_at_once_and_sent_nowhere():
    kind = BrowserChannel(world())
    with connects() as seen:
        assert await kind.send(message("browser", {})) == Accepted()

    assert seen == []
    assert kind.schedule == ()


def test_it_has_no_options_of_its_own():
    kind = BrowserChannel(world())

    assert kind.check({}) == {}
    with pytest.raises(InvalidFields, match="leave it out"):
        kind.check({"url": "https://example.com"})
    assert kind.lane(channel("browser", {}), "BTC/USDT") == "browser:chan1"
