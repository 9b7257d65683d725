"""What ccxt's unified structures mean."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.market import Bar, BookSnapshot, Reject, RejectReason, Ticker, Trade
from crypto_portfolio_analyzer.core.venues import Channel
from crypto_portfolio_analyzer.errors import InvalidInput, UnknownName
from crypto_portfolio_analyzer.exchanges.ccxt_exchange.dialect import (
    FETCH,
    WATCH,
    CcxtDialect,
    connect_class,
    exchange_id,
    is_ccxt,
)
from tests.fakes import MINUTE, NOON, SECOND

NAME = "ccxt:kucoin"
DIALECT = CcxtDialect(NAME)
AT = NOON // 1_000_000 - 2000
TRADE = {"id": "x7", "symbol": "BTC/USDT", "timestamp": AT, "side": "sell", "price": 64000.5, "amount": 0.25}
TICKER = {
    "symbol": "BTC/USDT",
    "timestamp": AT,
    "last": 110.0,
    "open": 100.0,
    "high": 120.0,
    "low": 90.0,
    "bid": 109.0,
    "ask": None,
    "baseVolume": 7.0,
    "quoteVolume": 700.0,
}


def test_a_name_is_a_prefix_and_an_identifier():
    assert is_ccxt(NAME)
    assert not is_ccxt("kucoin")
    assert exchange_id(NAME) == "kucoin"


@pytest.mark.parametrize(
    "name", ["kucoin", "ccxt:", "ccxt:Ku Coin", "ccxt:../x", "ccxt:a:b", "ccxt:" + "a" * 50]
)
def test_other_names_are_refused(name):
    with pytest.raises(InvalidInput, match="ccxt:kucoin"):
        exchange_id(name)


def test_a_missing_extra_is_told_with_its_remedy():
    def load(_name: str) -> Any:
        raise ModuleNotFoundError

    with pytest.raises(InvalidInput, match=r"pip install 'crypto-portfolio-analyzer\[ccxt\]'"):
        connect_class("kucoin", load)


def test_an_unknown_exchange_is_told_with_the_nearest():
    library = SimpleNamespace(exchanges=["kucoin", "kraken"], kucoin=dict)

    assert connect_class("kucoin", lambda _name: library) is dict
    with pytest.raises(UnknownName, match="did you mean 'kucoin'"):
        connect_class("kucion", lambda _name: library)


def test_channels_are_those_a_client_can_watch():
    has = {"watchTrades": True, "watchTicker": "emulated", "watchOHLCV": None, "watchOrderBook": False}

    assert DIALECT.channels(has) == {Channel.TRADES, Channel.TICKER}
    assert set(WATCH) == set(FETCH)


def test_a_trade_carries_no_number():
    (fact,) = DIALECT.facts(Channel.TRADES, "BTC/USDT", [TRADE], NOON)

    assert fact == Trade(NAME, "BTC/USDT", 64000.5, 0.25, "sell", None, NOON - 2 * SECOND, NOON)
    assert not DIALECT.numbered_trades


def test_a_ticker_tells_the_change_since_the_opening_price():
    (fact,) = DIALECT.facts(Channel.TICKER, "BTC/USDT", TICKER, NOON)

    assert isinstance(fact, Ticker)
    assert (fact.price, fact.bid, fact.ask, fact.change_24h, fact.change_percent_24h) == (
        110.0,
        109.0,
        None,
        10.0,
        10.0,
    )
    assert (fact.volume_24h, fact.quote_volume_24h, fact.event_at) == (7.0, 700.0, NOON - 2 * SECOND)


def test_a_ticker_without_a_time_stamp_is_as_old_as_its_receipt():
    fact = DIALECT.ticker({**TICKER, "timestamp": None}, NOON)

    assert isinstance(fact, Ticker)
    assert fact.event_at == NOON


def test_candles_are_bars():
    rows = [[AT - 58_000, 2, 4, 1, 3, 5], [AT + 2000, 2, 4, 1, 3, None]]

    past, forming = DIALECT.facts(Channel.BARS, "BTC/USDT", rows, NOON + 1)

    assert isinstance(past, Bar)
    assert isinstance(forming, Bar)
    assert (past.open_at, past.close_at, past.closed, forming.closed) == (NOON - MINUTE, NOON, True, False)
    assert (past.open, past.high, past.low, past.close, past.volume) == (2.0, 4.0, 1.0, 3.0, 5.0)


def test_a_book_is_a_snapshot():
    told = {"bids": [[1.0, 2.0], [0.5, 0]], "asks": [[1.5, 3.0, "order"]], "timestamp": None, "nonce": 7}

    (fact,) = DIALECT.facts(Channel.BOOK, "BTC/USDT", told, NOON)

    assert fact == BookSnapshot(NAME, "BTC/USDT", ((1.0, 2.0), (0.5, 0.0)), ((1.5, 3.0),), 0, NOON, NOON)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"price": float("nan")}, RejectReason.NAN),
        ({"price": float("inf")}, RejectReason.INFINITE),
        ({"price": None}, RejectReason.TYPE),
        ({"price": True}, RejectReason.TYPE),
        ({"amount": 0}, RejectReason.ZERO),
        ({"amount": -1}, RejectReason.NEGATIVE),
        ({"price": 1e16}, RejectReason.RANGE),
        ({"timestamp": None}, RejectReason.TIME),
        ({"timestamp": float("nan")}, RejectReason.TIME),
        ({"timestamp": AT + 99_000}, RejectReason.TIME),
        ({"symbol": "BTC"}, RejectReason.SYMBOL),
        ({"symbol": None}, RejectReason.SYMBOL),
        ({"side": None}, RejectReason.TYPE),
    ],
)
def test_a_bad_trade_is_refused_for_what_is_wrong_with_it(change, reason):
    good, bad = DIALECT.facts(Channel.TRADES, "BTC/USDT", [TRADE, {**TRADE, **change}], NOON)

    assert isinstance(good, Trade)
    assert isinstance(bad, Reject)
    assert bad.reason is reason
    assert bad.venue == NAME


@pytest.mark.parametrize("channel", sorted(WATCH))
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=7)
            | st.dictionaries(st.sampled_from([*TRADE, *TICKER, "bids", "asks"]), inner, max_size=6)
        ),
        max_leaves=15,
    )
)
def test_no_answer_raises(channel, answer):
    for fact in DIALECT.facts(channel, "BTC/USDT", answer, NOON):
        assert isinstance(fact, Trade | Ticker | Bar | BookSnapshot | Reject)
