"""Every exchange states what it allows, and its figures make sense."""

import pytest

from crypto_portfolio_analyzer.core.venues import EXCHANGES, Channel, Exchange, Subscription


@pytest.fixture(params=EXCHANGES.names())
def exchange(request: pytest.FixtureRequest) -> type[Exchange]:
    return EXCHANGES[request.param]


def test_a_venue_is_registered_under_its_own_name(exchange: type[Exchange]) -> None:
    assert EXCHANGES[exchange.name] is exchange
    assert exchange.label


def test_limits_are_positive_and_fit_together(exchange: type[Exchange]) -> None:
    limits = exchange.limits

    assert limits.subscriptions_per_message > 0
    assert limits.subscriptions_per_connection > 0
    assert limits.messages_per_second > 0
    assert limits.connections > 0 < limits.connections_window
    assert limits.silence > 0
    assert limits.rest_weight > 0 < limits.rest_window
    assert limits.lifetime is None or limits.lifetime > limits.silence


def test_trades_can_be_had_everywhere(exchange: type[Exchange]) -> None:
    assert Channel.TRADES in exchange.channels


def test_subscriptions_are_compared_by_value() -> None:
    one = Subscription("BTC/USDT", Channel.TRADES)

    assert one == Subscription("BTC/USDT", Channel.TRADES)
    assert len({one, Subscription("BTC/USDT", Channel.TRADES), Subscription("BTC/USDT", Channel.TICKER)}) == 2
