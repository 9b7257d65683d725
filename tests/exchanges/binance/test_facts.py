"""From Binance's wire forms to facts: what contradicts the clock or itself."""

import pytest
from msgspec import Struct, convert

from crypto_portfolio_analyzer.core.market import Arrival, BarKind, Fact
from crypto_portfolio_analyzer.exchanges.binance import facts
from crypto_portfolio_analyzer.exchanges.binance import wire as form
from tests.fakes import MINUTE, NOON, SECOND

MS = 1_000_000
NOW = NOON // MS
SOON = (NOON + 61 * SECOND) // MS
TRADE = {"a": 7, "p": 1.5, "q": 2.0, "T": NOW, "m": True}
PAST = {"id": 7, "price": 1.5, "qty": 2.0, "time": NOW, "isBuyerMaker": False}
CANDLE = [NOW, 2.0, 3.0, 1.0, 2.5, 9.0, NOW + 59_999, 18.0, 4, 5.0]
TICKER = {"symbol": "BTCUSDT", "lastPrice": 5.0, "closeTime": NOW, "lastId": -1, "bidPrice": 0.0}


def past_bar(row: list[float], now: int = NOON) -> Fact | None:
    return facts.past_bar("binance", "BTC/USDT", "1m", convert(row, form.RestKline), now)


def test_past_trades_say_that_they_were_fetched():
    place = ("binance", "BTC/USDT")
    aggregate = facts.trade(*place, convert(TRADE, form.RestAggregateTrade), NOON, Arrival.BACKFILLED)
    single = facts.trade(*place, convert(PAST, form.RestTrade), NOON, Arrival.BACKFILLED)

    assert aggregate is not None
    assert single is not None
    assert (aggregate.arrival, aggregate.side, aggregate.trade_id) == (Arrival.BACKFILLED, "sell", 7)
    assert (single.arrival, single.side, single.event_at) == (Arrival.BACKFILLED, "buy", NOON)


def test_a_polled_ticker_says_so_and_leaves_out_what_is_not():
    ticker = facts.polled_ticker("binance", "BTC/USDT", convert(TICKER, form.RestTicker), NOON)

    assert ticker is not None
    assert ticker.polled
    assert (ticker.bid, ticker.last_trade_id, ticker.volume_24h) == (None, None, None)


@pytest.mark.parametrize(("age", "closed"), [(MINUTE - 1, False), (MINUTE, True)])
def test_a_past_bar_is_closed_when_its_end_is_past(age, closed):
    bar = past_bar(CANDLE, NOON + age)

    assert bar is not None
    assert (bar.closed, bar.kind, bar.close_at) == (closed, BarKind.BACKFILLED, NOON + MINUTE)  # type: ignore[union-attr]


@pytest.mark.parametrize(("place", "value"), [(2, 2.4), (3, 2.1), (6, NOW), (0, SOON)])
def test_a_bar_that_contradicts_itself_or_the_clock_is_none(place, value):
    row = list(CANDLE)
    row[place] = value

    assert past_bar(row) is None


def test_whatever_is_ahead_of_the_clock_is_none():
    depth = form.DepthSnapshot(5, (), (), SOON)
    update = form.DepthUpdate(SOON, "BTCUSDT", 1, 2, (), ())
    quote = form.BookTicker("BTCUSDT", 1.0, 1.0, 2.0, 1.0, SOON)
    trade = convert({**TRADE, "T": SOON}, form.RestAggregateTrade)
    single = convert({**PAST, "time": SOON}, form.RestTrade)
    ticker = convert({**TICKER, "closeTime": SOON}, form.RestTicker)

    place = ("binance", "BTC/USDT")
    assert facts.book_snapshot(*place, depth, NOON) is None
    assert facts.book_delta(*place, update, NOON) is None
    assert facts.quote(*place, quote, NOON) is None
    assert facts.trade(*place, trade, NOON) is None
    assert facts.trade(*place, single, NOON) is None
    assert facts.polled_ticker(*place, ticker, NOON) is None


def test_every_builder_is_for_a_tagged_form():
    assert all(issubclass(kind, Struct) and kind.__struct_config__.tag for kind in facts.BUILDERS)
