"""What the stages ask about a delivery."""

from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.core.notices.notification import Kind
from crypto_portfolio_analyzer.engine.delivery.sifting import (
    FLOOD,
    QUIET,
    expiry,
    is_news,
    is_old,
    severity_of,
    symbol_of,
    was_held,
)
from tests.engine.delivery.works import SECOND, other, work
from tests.fakes import NOON

DAY = 86_400


def test_firings_and_signals_are_news():
    assert is_news(work())
    assert is_news(other(Kind.INBOUND))
    assert not is_news(other(Kind.TEST))
    assert not is_news(other(Kind.NOTICE))


def test_severity_and_symbol_are_those_of_the_alert_or_of_what_came_in():
    signal = other(Kind.INBOUND, severity=Severity.WARNING, data={"symbol": "ETH/USDT"})

    assert (severity_of(work(severity=Severity.CRITICAL)), symbol_of(work())) == (
        Severity.CRITICAL,
        "BTC/USDT",
    )
    assert (severity_of(signal), symbol_of(signal)) == (Severity.WARNING, "ETH/USDT")
    assert symbol_of(other(Kind.INBOUND, data={"symbol": 7})) == ""


def test_only_orders_expire():
    assert expiry(work(), None) is None
    assert expiry(work(), 60) == NOON + 60 * SECOND
    assert expiry(work(expires_at=NOON + 5), 60) == NOON + 5


def test_old_is_what_is_past_a_day_or_past_what_was_stored():
    assert not is_old(work(), NOON)
    assert is_old(work(ago=DAY), NOON)
    assert not is_old(work(ago=DAY, expires_at=NOON + 1), NOON)


def test_held_is_what_says_so():
    assert was_held(work(reason=QUIET))
    assert was_held(work(reason=FLOOD))
    assert not was_held(work(reason="it hung up"))
