"""The ccxt family: any exchange of ccxt by name, through the port that all use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from crypto_portfolio_analyzer.core.market import Control, ControlKind, Reject, Ticker, Trade
from crypto_portfolio_analyzer.core.venues import EXCHANGES, Channel, Subscription
from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.exchanges.ccxt_exchange import CcxtDecoder, named
from tests.fakes import NOON

TRADE = {"symbol": "BTC/USDT", "timestamp": NOON // 10**6, "side": "buy", "price": 64000.5, "amount": 0.25}


def decode(told: object) -> list[object]:
    return list(CcxtDecoder("ccxt:kucoin").decode(json.encode(told), NOON))


def test_a_name_without_ccxt_says_how_to_get_it() -> None:
    with pytest.raises(InvalidInput, match=r"pip install 'crypto-portfolio-analyzer\[ccxt\]'"):
        EXCHANGES["ccxt:kucoin"]


def test_a_wrong_name_is_named() -> None:
    with pytest.raises(InvalidInput, match="write it like ccxt:kucoin"):
        EXCHANGES["ccxt:KuCoin!"]


def test_the_family_is_not_listed_among_the_names() -> None:
    assert not [name for name in EXCHANGES if name.startswith("ccxt")]


def test_answers_become_facts() -> None:
    (trade,) = decode({"channel": "trades", "symbol": "BTC/USDT", "answer": [TRADE]})
    (ticker,) = decode(
        {"channel": "ticker", "symbol": "BTC/USDT", "answer": {"symbol": "BTC/USDT", "last": 64000.5}}
    )

    assert trade == Trade("ccxt:kucoin", "BTC/USDT", 64000.5, 0.25, "buy", None, NOON, NOON)
    assert isinstance(ticker, Ticker)
    assert ticker.price == 64000.5


def test_acknowledgements_and_refusals_are_controls() -> None:
    (ack,) = decode({"ack": 7})
    (refused,) = decode({"refused": "NO/PE", "text": "BadSymbol: no such market"})

    assert isinstance(ack, Control)
    assert isinstance(refused, Control)
    assert (ack.kind, ack.request_id) == (ControlKind.ACK, 7)
    assert (refused.kind, refused.names) == (ControlKind.REFUSED, ("NO/PE",))


def test_wishes_go_out_in_one_message() -> None:
    exchange = named("ccxt:kucoin")()
    wishes = [Subscription("BTC/USDT", Channel.TRADES), Subscription("ETH/USDT", Channel.TICKER)]

    (message,) = exchange.subscribe(wishes, 3)

    assert json.decode(message.text) == {
        "op": "subscribe", "id": 3, "wishes": [["trades", "BTC/USDT"], ["ticker", "ETH/USDT"]],
    }  # fmt: skip
    assert message.subscriptions == tuple(wishes)
    assert exchange.url(exchange.ws_url, wishes) == "ccxt:kucoin"


@given(st.binary(max_size=200))
def test_no_frame_raises(frame: bytes) -> None:
    for fact in CcxtDecoder("ccxt:kucoin").decode(frame, NOON):
        assert isinstance(fact, Reject | Control)
