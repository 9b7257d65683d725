"""A venue is reached as given, else as the environment says, else at its public address."""

import pytest

from crypto_portfolio_analyzer.core.venues import EXCHANGES
from crypto_portfolio_analyzer.streaming.addresses import Address, address_of

KRAKEN = EXCHANGES["kraken"]


def test_the_public_address_is_the_default() -> None:
    assert address_of(KRAKEN) == Address(KRAKEN.ws_url, KRAKEN.rest_url)


def test_the_environment_comes_before_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRYPTO_ANALYZER_EXCHANGES__KRAKEN__WS_URL", "ws://127.0.0.1:1")

    assert address_of(KRAKEN) == Address("ws://127.0.0.1:1", KRAKEN.rest_url)


def test_what_is_given_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRYPTO_ANALYZER_EXCHANGES__KRAKEN__WS_URL", "ws://127.0.0.1:1")
    given = {
        "kraken": Address("ws://127.0.0.1:2", "http://127.0.0.1:3"),
        "binance": Address("ws://127.0.0.1:4"),
    }

    assert address_of(KRAKEN, given) == Address("ws://127.0.0.1:2", "http://127.0.0.1:3")
