"""What is traded."""

import pytest

from crypto_portfolio_analyzer.simulation.assets import DEFAULT_SYMBOLS, asset_of


def test_the_usual_assets_are_there():
    assert {"BTC", "ETH", "SOL", "ADA", "DOT", "LINK", "XRP", "DOGE", "LTC", "AVAX", "BNB"} <= set(
        DEFAULT_SYMBOLS
    )


def test_any_other_name_is_an_asset_with_a_price_of_its_own():
    assert asset_of("WHATEVER") == asset_of("WHATEVER")
    assert asset_of("WHATEVER").price != asset_of("ELSE").price


@pytest.mark.parametrize("name", [*DEFAULT_SYMBOLS, *(f"S{number}" for number in range(200))])
def test_prices_have_enough_steps_to_move(name):
    asset = asset_of(name)

    assert asset.price * 10**asset.price_decimals >= 100
    assert 0 <= asset.quantity_decimals <= 8
