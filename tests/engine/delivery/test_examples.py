"""An example is a firing like any other, with what was given in it."""

import pytest

from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.engine.delivery.examples import example
from crypto_portfolio_analyzer.engine.delivery.sifting import symbol_of
from crypto_portfolio_analyzer.errors import InvalidFields
from tests.engine.delivery.media import channel_of
from tests.fakes import NOON


def test_what_is_given_is_in_it_and_the_rest_made_up():
    made = example(channel_of(), {"name": "mine", "symbol": "ETH/USDT", "severity": "critical"}, NOON)
    alert, firing = made.alert, made.firing

    assert alert is not None
    assert firing is not None
    assert (alert.name, firing.symbol, alert.severity) == ("mine", "ETH/USDT", Severity.CRITICAL)
    assert alert.condition
    assert firing.event_at <= firing.received_at <= firing.detected_at <= firing.stored_at


def test_tags_say_what_a_bot_does():
    made = example(channel_of(), {"tags": ["buy", 5, "night"]}, NOON)

    assert made.alert is not None
    assert made.alert.tags == ("buy", "night")
    assert all(
        not each.alert.tags
        for each in (example(channel_of(), {"tags": wrong}, NOON) for wrong in (None, "buy", {"a": 1}))
        if each.alert
    )


def test_what_is_no_text_is_made_up_and_a_wrong_severity_refused():
    assert symbol_of(example(channel_of(), {"symbol": 5, "message": None}, NOON)) == "BTC/USDT"
    with pytest.raises(InvalidFields, match="info, warning or critical"):
        example(channel_of(), {"severity": "huge"}, NOON)
