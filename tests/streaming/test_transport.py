"""An address chooses its transport."""

import pytest

from crypto_portfolio_analyzer.errors import UnknownName
from crypto_portfolio_analyzer.streaming.transport import TRANSPORTS, transport_for


@pytest.mark.parametrize(
    ("url", "preferred", "kind"),
    [
        ("mock:", "picows", "mock"),
        ("mock:?seed=3", "websockets", "mock"),
        ("wss://stream.example", "picows", "picows"),
        ("ws://127.0.0.1:1", "websockets", "websockets"),
    ],
)
def test_mock_addresses_stay_in_process_and_others_use_the_preferred_way(
    url: str, preferred: str, kind: str
) -> None:
    assert type(transport_for(url, preferred)) is TRANSPORTS[kind]


def test_there_are_four_ways() -> None:
    assert TRANSPORTS.names() == ["ccxt", "mock", "picows", "websockets"]
    with pytest.raises(UnknownName, match="did you mean 'picows'"):
        transport_for("ws://x", "picos")
