"""The market knows the latest price and builds each minute once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.market import Arrival, Bar, BarKind, Instrument, Quote, Ticker
from crypto_portfolio_analyzer.core.ordering import Lane
from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.market import WATERMARK_LAG, Entry, Market
from crypto_portfolio_analyzer.streaming.views import PriceKind
from tests.fakes import MINUTE, NOON, SECOND, FakeClock, ticker, trade


class House:
    """A market with an entry that is served, and every bar that was told."""

    def __init__(self, *, simulated: bool = False) -> None:
        self.clock = FakeClock()
        self.bus = StreamEventBus(clock=self.clock)
        self.told: list[Bar] = []
        self.bus.attach(self.told.append, (Bar,))
        self.market = Market(clock=self.clock, bus=self.bus, simulated=simulated)
        self.entry: Entry = self.market.entry("BTC/USDT")
        self.entry.serve("binance")
        self.entry.is_covered = True


def test_nothing_is_known_before_the_first_price() -> None:
    house = House()

    assert house.market.latest("BTC/USDT") is None
    assert house.market.latest("ETH/USDT") is None
    assert house.market.is_stale("BTC/USDT")


def test_the_newest_of_trade_and_ticker_is_the_price() -> None:
    house = House()
    house.entry.ticker(ticker(100.0, at=NOON, open_24h=80.0, volume_24h=7.0, bid=99.0, ask=101.0))
    house.entry.trade(trade(1, 104.0, at=NOON + SECOND))

    latest = house.market.latest("BTC/USDT")

    assert latest is not None
    assert (latest.price, latest.bid, latest.ask, latest.volume_24h) == (104.0, 99.0, 101.0, 7.0)
    assert (latest.change_24h, latest.change_percent_24h) == (24.0, 30.0)
    assert latest.kind is PriceKind.LIVE


def test_an_older_ticker_changes_nothing_and_a_polled_one_says_so() -> None:
    house = House()
    house.entry.ticker(ticker(100.0, at=NOON))
    house.entry.ticker(ticker(90.0, at=NOON - SECOND))
    assert house.market.latest("BTC/USDT").price == 100.0  # type: ignore[union-attr]

    house.entry.ticker(ticker(101.0, at=NOON + SECOND, polled=True))
    assert house.market.is_polled("BTC/USDT")


def test_the_best_bid_and_ask_are_the_newest_told() -> None:
    house = House()
    house.entry.ticker(ticker(100.0, at=NOON, bid=99.0, ask=101.0))
    house.entry.quote(Quote("binance", "BTC/USDT", 99.5, 1, 100.5, 1, NOON + 1, NOON + 1))

    latest = house.market.latest("BTC/USDT")

    assert latest is not None
    assert (latest.bid, latest.ask) == (99.5, 100.5)


def test_simulated_prices_are_labelled() -> None:
    house = House(simulated=True)
    house.entry.trade(trade(1))

    assert house.market.latest("BTC/USDT").simulated  # type: ignore[union-attr]


def test_a_minute_is_closed_by_the_next_trade_past_its_end() -> None:
    house = House()
    house.entry.trade(trade(1, 100.0, 1.0, at=NOON))
    house.entry.trade(trade(2, 103.0, 2.0, at=NOON + 30 * SECOND, is_buy=False))
    house.entry.trade(trade(3, 101.0, 1.0, at=NOON + MINUTE))

    (bar,) = house.told
    assert (bar.open_at, bar.close_at, bar.closed) == (NOON, NOON + MINUTE, True)
    assert (bar.open, bar.high, bar.low, bar.close) == (100.0, 103.0, 100.0, 103.0)
    assert (bar.volume, bar.quote_volume, bar.buy_volume, bar.trades) == (3.0, 306.0, 1.0, 2)
    assert bar.kind is BarKind.APPROXIMATED, "its start may not have been seen"


def test_a_minute_is_closed_by_the_watermark_and_empty_ones_follow() -> None:
    house = House()
    house.entry.trade(trade(1, 100.0, at=NOON))

    house.market.advance(NOON + MINUTE + WATERMARK_LAG - 1)
    assert house.told == []
    house.market.advance(NOON + MINUTE + WATERMARK_LAG)
    house.market.advance(NOON + 3 * MINUTE + WATERMARK_LAG)

    assert [(bar.open_at, bar.kind, bar.close) for bar in house.told] == [
        (NOON, BarKind.APPROXIMATED, 100.0),
        (NOON + MINUTE, BarKind.EMPTY, 100.0),
        (NOON + 2 * MINUTE, BarKind.EMPTY, 100.0),
    ]


@pytest.mark.parametrize("is_lent", [True, False])
def test_a_minute_opens_with_its_first_trade_however_the_one_before_it_was_closed(is_lent: bool) -> None:
    closed_by_trade, closed_by_clock = House(), House()
    for house in (closed_by_trade, closed_by_clock):
        house.entry.follow(Lane("binance", "BTC/USDT") if is_lent else None)
        house.entry.trade(trade(1, 100.0, at=NOON))
        if house is closed_by_clock:
            house.market.advance(NOON + MINUTE + WATERMARK_LAG)
        house.entry.trade(trade(2, 105.0, at=NOON + MINUTE + SECOND))
        house.entry.trade(trade(3, 104.0, at=NOON + MINUTE + 2 * SECOND))
        house.entry.trade(trade(4, 90.0, at=NOON + 2 * MINUTE))

    second = closed_by_clock.told[1]
    assert (second.open, second.high, second.low, second.close) == (105.0, 105.0, 104.0, 104.0)
    assert closed_by_trade.told[1] == second


def test_the_lane_is_lent_no_minute_before_its_first_trade() -> None:
    house, lane = House(), Lane("binance", "BTC/USDT")
    house.entry.follow(lane)
    house.entry.trade(trade(1, 100.0, at=NOON + SECOND))
    assert lane.bar is house.entry.forming
    house.market.advance(NOON + MINUTE + WATERMARK_LAG)

    assert lane.bar is not None
    assert lane.bar.open_at == lane.bar.close_at
    assert lane.last_event_at == NOON + SECOND
    house.entry.trade(trade(2, 105.0, at=NOON + MINUTE))
    assert lane.bar is house.entry.forming


def test_no_empty_minute_is_invented_while_trades_may_be_missing() -> None:
    house = House()
    house.entry.trade(trade(1, 100.0, at=NOON))
    house.entry.is_covered = False
    house.market.advance(NOON + 5 * MINUTE)
    assert house.told == []

    house.entry.trade(trade(9, 110.0, at=NOON + 4 * MINUTE))
    house.entry.is_covered = True
    house.market.advance(NOON + 5 * MINUTE + WATERMARK_LAG)

    assert [bar.open_at for bar in house.told] == [NOON, NOON + 4 * MINUTE]


def test_minutes_without_trades_are_known_between_fetched_ones() -> None:
    house = House()
    house.entry.trade(trade(1, 100.0, at=NOON))
    house.entry.is_covered = False
    house.entry.trade(replace(trade(2, 110.0, at=NOON + 3 * MINUTE), arrival=Arrival.BACKFILLED))

    assert [(bar.open_at, bar.kind, bar.close) for bar in house.told[1:]] == [
        (NOON + MINUTE, BarKind.EMPTY, 100.0),
        (NOON + 2 * MINUTE, BarKind.EMPTY, 100.0),
    ]


def test_a_minute_with_missing_trades_does_not_stand_against_what_the_venue_says_of_it() -> None:
    house = House()
    house.entry.trade(trade(1, 100.0, at=NOON - MINUTE))
    house.entry.trade(trade(2, 101.0, at=NOON))
    fetched = replace(
        house.told[0],
        open_at=NOON,
        close_at=NOON + MINUTE,
        high=120.0,
        volume=9.0,
        received_at=NOON + 5 * MINUTE,
    )
    house.entry.miss()
    house.entry.approximate(replace(fetched, kind=BarKind.BACKFILLED))
    house.entry.trade(trade(9, 110.0, at=NOON + 3 * MINUTE))

    minute = house.market.bars("BTC/USDT", "1m", start=NOON, end=NOON + MINUTE)[0]
    assert (minute.high, minute.volume, minute.kind) == (120.0, 9.0, BarKind.APPROXIMATED)


def test_a_late_trade_corrects_its_minute_and_not_the_price() -> None:
    house = House()
    house.entry.trade(trade(1, 100.0, at=NOON))
    house.entry.trade(trade(3, 101.0, at=NOON + MINUTE))
    house.entry.late(trade(2, 120.0, 5.0, at=NOON + 10 * SECOND))

    assert house.market.latest("BTC/USDT").price == 101.0  # type: ignore[union-attr]
    corrected = house.told[-1]
    assert (corrected.open_at, corrected.high, corrected.close, corrected.volume) == (NOON, 120.0, 100.0, 6.0)
    assert corrected.corrected


def test_a_late_trade_of_the_forming_minute_keeps_its_close() -> None:
    house = House()
    house.entry.trade(trade(1, 100.0, at=NOON))
    house.entry.trade(trade(3, 101.0, at=NOON + 2 * SECOND))
    house.entry.late(trade(2, 90.0, at=NOON + SECOND))

    (bar,) = house.market.bars("BTC/USDT", "1m")
    assert (bar.low, bar.close, bar.trades, bar.closed) == (90.0, 101.0, 3, False)


def test_the_venues_closed_flag_ends_the_minute() -> None:
    house = House()
    house.entry.trade(trade(1, 100.0, at=NOON))
    theirs = Bar(
        "binance", "BTC/USDT", "1m", NOON, NOON + MINUTE, 99.0, 102.0, 98.0, 100.0, 9.0, True, NOON, trades=4
    )
    house.entry.venue_bar(theirs)

    assert house.told == [theirs], "we saw one of four trades: theirs is the truth"
    house.entry.trade(trade(2, 105.0, at=NOON + MINUTE + SECOND))
    assert len(house.told) == 1


def test_longer_bars_roll_up_and_the_forming_one_is_merged_on_reading() -> None:
    house = House()
    for minute in range(7):
        house.entry.trade(trade(minute, 100.0 + minute, at=NOON + minute * MINUTE))

    five = house.market.bars("BTC/USDT", "5m")

    assert [(bar.open_at, bar.open, bar.close, bar.volume, bar.closed) for bar in five] == [
        (NOON, 100.0, 104.0, 5.0, True),
        (NOON + 5 * MINUTE, 105.0, 106.0, 2.0, False),
    ]
    with pytest.raises(InvalidInput, match="not a timeframe"):
        house.market.bars("BTC/USDT", "7x")


def test_a_range_of_bars_is_cut_by_start_end_and_limit() -> None:
    house = House()
    for minute in range(10):
        house.entry.trade(trade(minute, 100.0 + minute, at=NOON + minute * MINUTE))

    def opens(**cut: int) -> list[int]:
        return [(bar.open_at - NOON) // MINUTE for bar in house.market.bars("BTC/USDT", "1m", **cut)]

    assert opens(limit=3) == [7, 8, 9]
    assert opens(start=NOON + 2 * MINUTE, limit=2) == [2, 3]
    assert opens(start=NOON + 2 * MINUTE, end=NOON + 5 * MINUTE) == [2, 3, 4]


def test_a_symbol_is_stale_when_silent_for_longer_than_its_rhythm() -> None:
    house = House()
    house.entry.ticker(Ticker("binance", "BTC/USDT", 100.0, NOON, NOON))

    assert not house.market.is_stale("BTC/USDT")
    house.clock._now += 6 * SECOND
    assert house.market.is_stale("BTC/USDT")


trades = st.lists(
    st.tuples(st.integers(0, 8 * 60_000), st.floats(1, 1000), st.floats(0.001, 50)), min_size=1, max_size=80
)


@given(trades)
def test_bars_hold_every_trade_once(tape: list[tuple[int, float, float]]) -> None:
    house = House()
    for number, (offset, price, quantity) in enumerate(sorted(tape)):
        house.entry.trade(trade(number, price, quantity, at=NOON + offset * 1_000_000))
    house.market.advance(NOON + 20 * MINUTE)

    by_minute: dict[int, list[tuple[int, float, float]]] = {}
    for each in sorted(tape):
        by_minute.setdefault(NOON + each[0] // 60_000 * MINUTE, []).append(each)
    traded = {bar.open_at: bar for bar in house.told if bar.trades}
    assert set(traded) == set(by_minute)
    for open_at, rows in by_minute.items():
        bar = traded[open_at]
        assert (bar.open, bar.close, bar.trades) == (rows[0][1], rows[-1][1], len(rows))
        assert (bar.high, bar.low) == (max(row[1] for row in rows), min(row[1] for row in rows))
        assert bar.volume == pytest.approx(sum(row[2] for row in rows))
    opens = [bar.open_at for bar in house.told]
    assert opens == sorted(set(opens)), "each minute closes once"


def test_what_a_venue_lists_is_known_once_it_told() -> None:
    house = House()
    assert house.market.is_listed("binance", "BTC/USDT") is None

    house.market.learn([Instrument("coinbase", "BTC/USDT", "BTC-USDT", "BTC", "USDT")])
    house.market.learn([Instrument("binance", "BTC/USDT", "BTCUSDT", "BTC", "USDT")])

    assert house.market.is_listed("binance", "BTC/USDT") is True
    assert house.market.is_listed("binance", "ABC/USDT") is False
    assert house.market.is_listed("kraken", "BTC/USDT") is None
    assert [each.symbol for each in house.market.listed("binance")] == ["BTC/USDT"]
    assert house.market.listed("kraken") == []
