"""Orders die with their time to live; people can be told late."""

from crypto_portfolio_analyzer.core.notices.notification import DeliveryState
from crypto_portfolio_analyzer.engine.delivery.stages.age import age
from tests.engine.delivery.works import context, ids, reasons, work
from tests.fakes import NOON


def test_an_order_past_its_time_is_dead():
    sifted = age([work(1, ago=59.9), work(2, ago=60.0)], context(ttl=60.0))

    assert ids(sifted.on) == ["d1"]
    assert reasons(sifted) == ["expired"]
    assert sifted.ruled[0].state is DeliveryState.DEAD


def test_the_time_that_was_stored_counts():
    sifted = age(
        [work(1, ago=10.0, expires_at=NOON), work(2, ago=600.0, expires_at=NOON + 1)], context(ttl=60.0)
    )

    assert ids(sifted.on) == ["d2"]
    assert reasons(sifted) == ["expired"]


def test_what_can_be_told_late_never_dies_of_age():
    assert ids(age([work(1, ago=1e6, expires_at=NOON - 1)], context()).on) == ["d1"]
