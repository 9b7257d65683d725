"""The composer knows what is the same for all notifications, and looks up what belongs to a message."""

import threading

from crypto_portfolio_analyzer.core.notices.wording import compose
from crypto_portfolio_analyzer.engine.delivery import composing
from crypto_portfolio_analyzer.engine.delivery.composing import MANY, Composer
from tests.engine.delivery.media import channel_of
from tests.engine.delivery.works import work, works
from tests.fakes import NOON


async def test_one_firing_is_told_under_its_own_key_with_the_number_of_the_attempt():
    composer = Composer(simulated=True, public_url="https://example.org")
    told = await composer((work(1, attempts=2, unsure=True),), channel_of(), NOON)

    assert (told.key, told.attempt, told.is_repeat, told.simulated, told.at) == (
        "msg_d1",
        3,
        True,
        True,
        NOON,
    )
    assert told.url.startswith("https://example.org")


class Market:
    """A market that remembers what was asked of it, and in which thread."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.threads: set[int] = set()

    def breadth(self) -> tuple[int, int]:
        self.threads.add(threading.get_ident())
        self.asked.append("breadth")
        return 88, 412

    def move(self, symbol: str) -> float | None:
        self.threads.add(threading.get_ident())
        self.asked.append(symbol)
        return {"BTC/USDT": 2.31}.get(symbol)


def composer_over(market):
    return Composer(simulated=False, public_url="", breadth=market.breadth, move=market.move)


async def test_a_single_firing_says_how_far_its_symbol_has_moved_and_nothing_else_is_asked():
    market = Market()
    known = await composer_over(market)((work(1),), channel_of(), NOON)
    unknown = await composer_over(market)((work(1, symbol="ETH/USDT"),), channel_of(), NOON)

    assert any("24 h +2.31%" in line for line in known.lines)
    assert not any("24 h" in line for line in unknown.lines)
    assert market.asked == ["BTC/USDT", "ETH/USDT"]


async def test_a_digest_says_how_broad_the_move_is():
    market = Market()
    digest = await composer_over(market)(tuple(works(MANY)), channel_of(), NOON)

    assert sorted(market.asked) == ["BTC/USDT", "breadth"]
    assert str(MANY) in digest.headline
    assert "88 of 500" in digest.headline


async def test_a_large_digest_is_composed_beside_the_loop_and_the_market_read_on_it(monkeypatch):
    market, threads = Market(), []

    def spied(*args, **kwargs):
        threads.append(threading.get_ident())
        return compose(*args, **kwargs)

    monkeypatch.setattr(composing, "compose", spied)
    some, many = tuple(works(MANY)), tuple(works(MANY + 1))
    told = [await composer_over(market)(each, channel_of(), NOON) for each in (some, many)]

    here = threading.get_ident()
    assert [each == here for each in threads] == [True, False]
    assert market.threads == {here}
    assert [len(each.works) for each in told] == [MANY, MANY + 1]
