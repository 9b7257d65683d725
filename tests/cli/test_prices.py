"""Prices as rows, lines and objects: exact, dated, labelled."""

import pytest

from crypto_portfolio_analyzer.cli.prices import COLUMNS, Priced, Writer, look, note
from crypto_portfolio_analyzer.core.market import Quote
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.views import Latest, PriceKind, WatchState, WatchView
from tests.fakes import NOON, FakeClock, trade


def watched(state=WatchState.LIVE, reason="", source="binance"):
    return WatchView("BTC", "BTC/USDT", source, state, 1, 0.3, 0.5, reason)


def latest(**changed):
    fields = {"symbol": "BTC/USDT", "price": 65012.4, "source": "binance", "kind": PriceKind.LIVE, "event_at": NOON,
              "received_at": NOON, "simulated": False, "bid": 65010.0, "ask": 65016.5, "volume_24h": 436851.0,
              "change_24h": 1468.0, "change_percent_24h": 2.31}  # fmt: skip
    return Latest(**{**fields, **changed})


def shown(price=None, *, is_stale=False, hour_ago=64750.0, tick_size=0.01, **watch):
    return Priced(watched(**watch), price, is_stale, 0.3, hour_ago, (1, 2, 3, 4, 5, 6, 7, 8), tick_size)


def test_a_row_has_a_cell_for_each_column():
    row = Writer().row(shown(latest()))

    assert len(row) == len(COLUMNS)
    assert row == ["BTC/USDT", "65,012.40", "▲ +2.31%", "▲ +0.4%", "▁▂▃▄▅▆▇█", "28.4B", "0.01%", "0.3s", ""]


def test_a_row_in_german():
    assert Writer("de").row(shown(latest()))[1] == "65.012,40"


def test_a_symbol_without_a_price_has_a_row_that_says_why():
    row = Writer().row(shown(state=WatchState.WAITING))

    assert (row[1], row[-1]) == ("–", "waiting for the first price")


@pytest.mark.parametrize(
    ("price", "options", "said"),
    [
        (latest(), {}, ""),
        (latest(), {"is_stale": True}, "stale"),
        (latest(simulated=True), {}, "SIM"),
        (latest(), {"state": WatchState.POLLED, "is_stale": True}, "polled, no live stream"),
        (latest(kind=PriceKind.BACKFILLED), {}, "back-filled"),
        (latest(), {"state": WatchState.FALLBACK, "source": "kraken", "reason": "binance is silent"},
         "fallback kraken, binance is silent"),
    ],
)  # fmt: skip
def test_a_price_is_labelled_with_what_one_should_know(price, options, said):
    assert note(shown(price, **options)) == said


def test_a_line_tells_when_what_how_much_and_from_where():
    assert Writer().line(shown(latest()), NOON) == "12:00:00  BTC/USDT  65,012.40  ▲ +2.31%  binance"


def test_an_object_has_decimal_strings_and_instants_in_utc():
    told = shown(latest()).document()

    assert told["price"] == "65012.4"
    assert told["event_at"] == "2026-11-20T12:00:00.000Z"
    assert (told["symbol"], told["market"], told["source"], told["simulated"]) == (
        "BTC",
        "BTC/USDT",
        "binance",
        False,
    )


def test_the_market_is_looked_at_as_it_is():
    clock = FakeClock()
    feeds = PriceFeedManager(clock=clock)
    feeds.add_provider("mock", is_primary=True)
    feeds.want("BTC")
    before = look(feeds, clock.now())
    feeds.market.entry("BTC/USDT").trade(trade(price=100.0))
    feeds.market.entry("BTC/USDT").quote(Quote("mock", "BTC/USDT", 99.0, 1.0, 101.0, 1.0, NOON, NOON))

    (after,) = look(feeds, clock.now())

    assert before[0].latest is None
    assert after.latest is not None
    assert (after.latest.price, after.latest.bid) == (100.0, 99.0)
