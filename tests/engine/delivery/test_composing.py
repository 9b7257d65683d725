"""The composer knows what is the same for all notifications, and looks at the market only for a digest."""

from crypto_portfolio_analyzer.engine.delivery.composing import Composer
from tests.engine.delivery.media import channel_of
from tests.engine.delivery.works import work, works
from tests.fakes import NOON


def test_one_firing_is_told_under_its_own_key_with_the_number_of_the_attempt():
    compose = Composer(simulated=True, public_url="https://example.org")
    told = compose((work(1, attempts=2, unsure=True),), channel_of(), NOON)

    assert (told.key, told.attempt, told.is_repeat, told.simulated, told.at) == (
        "msg_d1",
        3,
        True,
        True,
        NOON,
    )
    assert told.url.startswith("https://example.org")


def test_the_market_is_asked_for_a_digest_alone():
    asked = []

    def breadth():
        asked.append("breadth")
        return 88, 412

    compose = Composer(simulated=False, public_url="", breadth=breadth, moves=lambda: {"BTC/USDT": -8.1})
    compose((work(1),), channel_of(), NOON)
    assert asked == []

    digest = compose(tuple(works(30)), channel_of(), NOON)
    assert asked == ["breadth"]
    assert "30" in digest.headline
    assert "88 of 500" in digest.headline
