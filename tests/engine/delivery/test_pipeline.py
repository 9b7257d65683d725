"""The stages in their order: each delivery leaves by exactly one door."""

from random import Random

from crypto_portfolio_analyzer.core.alerts import Severity, Silence
from crypto_portfolio_analyzer.core.notices.notification import DeliveryState
from crypto_portfolio_analyzer.engine.delivery.pipeline import prepare
from tests.engine.delivery.media import channel_of
from tests.engine.delivery.works import context, ids, work, works
from tests.fakes import NOON

NIGHT = {"from": "00:00", "until": "23:59", "except": "critical"}


def test_numbers_go_first_whatever_order_they_were_claimed_in():
    some = works(9)
    Random(2).shuffle(some)

    assert [ids(each) for each in prepare(some, context()).messages] == [[f"d{n}"] for n in range(1, 10)]


def test_what_is_silenced_is_not_held_over_the_night():
    mute = Silence(
        id="s", owner="anna", matchers={"symbol": "BTC/USDT"}, starts_at=NOON - 1, ends_at=NOON + 1
    )
    some = [work(1), work(2, symbol="ETH/USDT"), work(3, symbol="ETH/USDT", severity=Severity.CRITICAL)]
    prepared = prepare(some, context(channel_of(quiet_hours=NIGHT), silences=[mute]))

    states = {each.work.delivery.id: each.state for each in prepared.ruled}
    assert states == {"d1": DeliveryState.SUPPRESSED, "d2": DeliveryState.QUEUED}
    assert [ids(each) for each in prepared.messages] == [["d3"]]
