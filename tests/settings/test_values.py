"""What settings can be."""

import pytest

from crypto_portfolio_analyzer.errors import ConfigFaults
from crypto_portfolio_analyzer.settings import load


@pytest.mark.parametrize("text", ["BTC,ETH/EUR", " BTC , ETH/EUR,", '["BTC", "ETH/EUR"]'])
def test_lists_are_json_or_comma_separated(text):
    assert load(env={"CRYPTO_ANALYZER_SYMBOLS": text}).symbols == ("BTC", "ETH/EUR")


def test_an_empty_list_of_symbols_means_none():
    assert load(env={"CRYPTO_ANALYZER_SYMBOLS": ""}).symbols == ()
    assert load({"symbols": ""}, env={}).symbols == ()


def test_networks_are_read_with_and_without_their_length():
    settings = load(env={"CRYPTO_ANALYZER_WEBHOOKS__ALLOWED_NETWORKS": "127.0.0.1, 192.168.7.0/16,::1"})

    assert [str(each) for each in settings.webhooks.allowed_networks] == [
        "127.0.0.1/32",
        "192.168.0.0/16",
        "::1/128",
    ]


def test_what_is_no_network_is_named():
    with pytest.raises(ConfigFaults, match=r"'300.1.1.1'.*give networks like"):
        load(env={"CRYPTO_ANALYZER_WEBHOOKS__ALLOWED_NETWORKS": "300.1.1.1"})


@pytest.mark.parametrize("text", ["12,34", "[12, 34]", '["12", "34"]'])
def test_people_are_listed_by_their_ids(text):
    settings = load(env={"CRYPTO_ANALYZER_CHANNELS__TELEGRAM__ALLOWED_USERS": text})

    assert settings.channels.telegram.allowed_users == ("12", "34")
