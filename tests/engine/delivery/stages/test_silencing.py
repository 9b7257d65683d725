"""A silence made after the firing keeps back what still waits."""

import pytest

from crypto_portfolio_analyzer.core.alerts import Silence
from crypto_portfolio_analyzer.core.notices.notification import DeliveryState, Kind
from crypto_portfolio_analyzer.engine.delivery.stages.silencing import silencing
from tests.engine.delivery.works import context, ids, other, reasons, work
from tests.fakes import NOON


def silence(starts_at=NOON - 1, ends_at=NOON + 1, owner="anna", **matchers):
    return Silence(id="s", owner=owner, matchers=matchers, starts_at=starts_at, ends_at=ends_at)


def test_what_matches_is_suppressed_and_says_why():
    silences = [silence(symbol="BTC*")]
    sifted = silencing([work(1), work(2, symbol="ETH/USDT")], context(silences=silences))

    assert ids(sifted.on) == ["d2"]
    assert reasons(sifted) == ["silence s"]
    assert sifted.ruled[0].state is DeliveryState.SUPPRESSED


@pytest.mark.parametrize(
    "made",
    [
        silence(symbol="BTC*", owner="ben"),
        silence(symbol="BTC*", starts_at=NOON + 1),
        silence(symbol="BTC*", ends_at=NOON),
        silence(symbol="BTC*", severity="critical"),
    ],
)
def test_of_others_of_other_times_and_other_alerts_it_keeps_nothing_back(made):
    assert ids(silencing([work(1)], context(silences=[made])).on) == ["d1"]


def test_tests_and_notices_are_never_silenced():
    some = [other(Kind.TEST), other(Kind.NOTICE)]

    assert silencing(some, context(silences=[silence(name="*")])).on == some
