"""A seat knows one symbol at one venue: its rhythm, its instants and whom it serves."""

import pytest

from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.seats import QUIET_INTERVAL, Seat
from tests.fakes import NOON, SECOND, FakeClock, trade


@pytest.fixture
def seat() -> Seat:
    return Seat("binance", "BTC/USDT", NOON)


def test_a_new_seat_is_armed_and_has_heard_nothing(seat: Seat) -> None:
    assert seat.heard_at == 0
    assert seat.coverage.is_armed
    assert not seat.coverage.is_live


def test_it_serves_an_entry_or_nobody(seat: Seat) -> None:
    entry = Market(clock=FakeClock(), bus=StreamEventBus(clock=FakeClock())).entry("BTC/USDT")
    assert seat.entry is None

    seat.entry = entry
    assert seat.entry is entry
    seat.entry = None
    assert seat.entry is None


def test_the_rhythm_is_told_by_two_trades_or_more(seat: Seat) -> None:
    assert seat.interval(NOON + 100 * SECOND) == QUIET_INTERVAL
    seat.lane.offer(trade(1, at=NOON + SECOND))
    assert seat.interval(NOON + 100 * SECOND) == QUIET_INTERVAL
    for number in range(2, 11):
        seat.lane.offer(trade(number, at=NOON + number * SECOND))

    assert seat.interval(NOON + 100 * SECOND) == pytest.approx(10.0)


def test_a_ticker_is_a_sign_of_life_too(seat: Seat) -> None:
    seat.lane.offer(trade(1, at=NOON + SECOND))
    assert seat.heard_at == NOON + SECOND
    seat.ticker_at = NOON + 3 * SECOND

    assert seat.heard_at == NOON + 3 * SECOND
