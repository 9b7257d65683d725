"""Presets: what is offered for the value, and that every offer is a condition."""

import pytest

from crypto_portfolio_analyzer.bot.presets import PRESETS, offers, round_level, spelled
from crypto_portfolio_analyzer.core.conditions.reading import read_condition

PRICES = (65_012.4, 3_000.0, 1.0, 0.12345, 8.412e-6, 1e-9, 999_999.0)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("price", [None, *PRICES])
def test_every_offer_makes_a_condition(name, price):
    for _, value in offers(PRESETS[name], price):
        read_condition(PRESETS[name].condition.format(value))


def test_offers_of_a_price_are_steps_and_the_next_round_level():
    assert offers(PRESETS["above"], 65_012.4, 0.01) == [
        ("+1%", "65662.52"),
        ("+2%", "66312.65"),
        ("+5%", "68263.02"),
        ("", "65500"),
    ]
    assert [step for step, _ in offers(PRESETS["below"], 65_012.4)] == ["−1%", "−2%", "−5%", ""]


@pytest.mark.parametrize("price", PRICES)
def test_a_round_level_lies_beyond_the_price_and_near_it(price):
    assert price < round_level(price, up=True) <= price * 1.5
    assert price * 0.4 <= round_level(price, up=False) < price


def test_a_price_is_spelled_as_conditions_do():
    assert spelled(65_500.0, 2) == "65500"
    assert spelled(8.412e-6, 9) == "0.000008412"
    assert spelled(100.0, 0) == "100"
