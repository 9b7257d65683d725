"""A lane passes each trade once, in order, and names what never came."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.ordering import FILL_WINDOW, MAX_HELD, REORDER_WINDOW, Lane, LaneState
from tests.fakes import NOON, trade


def passed(lane: Lane, numbers: list[int]) -> list[int | None]:
    """Offer trades of these ids; return the ids that passed in order."""
    told: list[int | None] = []
    for number in numbers:
        passing, is_late = lane.offer(trade(number, at=NOON + number))
        assert not is_late
        told += [each.trade_id for each in passing]
    return told


def test_trades_in_order_pass_at_once() -> None:
    assert passed(Lane("binance", "BTC/USDT"), [7, 8, 9]) == [7, 8, 9]


def test_a_hole_holds_later_trades_until_it_is_filled() -> None:
    lane = Lane("binance", "BTC/USDT")

    assert passed(lane, [1, 3, 4]) == [1]
    assert lane.state.value == "holding"
    assert passed(lane, [2]) == [2, 3, 4]
    assert lane.state.value == "open"


def test_doubles_are_dropped_and_counted() -> None:
    lane = Lane("binance", "BTC/USDT")

    assert passed(lane, [1, 2, 2, 1, 3, 5, 5]) == [1, 2, 3]
    assert lane.duplicates == 3


def test_a_hole_is_overdue_after_the_reorder_window() -> None:
    lane = Lane("binance", "BTC/USDT")
    passed(lane, [1, 3])

    assert not lane.is_overdue(NOON + 3 + REORDER_WINDOW - 1)
    assert lane.is_overdue(NOON + 3 + REORDER_WINDOW)
    hole = lane.hole()
    assert hole is not None
    assert (hole.first_id, hole.last_id, hole.from_at, hole.until_at) == (2, 2, NOON + 1, NOON + 3)


def test_live_trades_wait_while_a_gap_is_fetched() -> None:
    lane = Lane("binance", "BTC/USDT")
    passed(lane, [1, 4])
    lane.begin_fill(NOON)

    assert passed(lane, [5]) == []
    assert [each.trade_id for each in lane.fill([trade(2), trade(3), trade(4)])] == [2, 3, 4]
    passing, missing = lane.resume()
    assert ([each.trade_id for each in passing], missing) == ([5], [])
    assert passed(lane, [6]) == [6]


def test_ids_nobody_could_fetch_are_missing_and_late_when_they_come_after_all() -> None:
    lane = Lane("binance", "BTC/USDT")
    passed(lane, [1, 5])
    lane.begin_fill(NOON)
    passing, missing = lane.resume()
    assert ([each.trade_id for each in passing], missing) == ([5], [(2, 4)])

    late, is_late = lane.offer(trade(3, at=NOON + 3))
    again, _ = lane.offer(trade(3, at=NOON + 3))

    assert ([each.trade_id for each in late], is_late) == ([3], True)
    assert list(again) == []


def test_a_fill_ends_when_it_takes_too_long_or_too_much_waits() -> None:
    lane = Lane("binance", "BTC/USDT")
    passed(lane, [1, 3])
    lane.begin_fill(NOON)
    assert not lane.is_overdue(NOON + FILL_WINDOW - 1)
    assert lane.is_overdue(NOON + FILL_WINDOW)

    passed(lane, list(range(4, 4 + MAX_HELD)))
    assert lane.is_overdue(NOON)


def test_a_venue_that_counts_anew_is_followed() -> None:
    lane = Lane("binance", "BTC/USDT")
    passed(lane, [1_000_000])

    told = [
        each.trade_id
        for number in (1, 2, 3, 4)
        for each in lane.offer(trade(number, at=NOON + 2_000_000 + number))[0]
    ]

    assert told == [3, 4]
    assert lane.renumbered == 1


def test_trades_without_ids_pass_in_the_order_they_come() -> None:
    lane = Lane("kucoin", "BTC/USDT")

    told = [each.price for price in (3.0, 1.0, 2.0) for each in lane.offer(trade(None, price))[0]]

    assert told == [3.0, 1.0, 2.0]


@given(
    size=st.integers(1, 60),
    seed=st.integers(0, 10_000),
    reach=st.integers(1, 12),
    doubles=st.lists(st.integers(0, 59), max_size=8),
)
def test_any_disorder_and_doubling_passes_the_sorted_tape(
    size: int, seed: int, reach: int, doubles: list[int]
) -> None:
    random = Random(seed)
    order = [1, *sorted(range(2, size + 2), key=lambda number: number + random.uniform(0, reach))]
    for place in doubles:
        order.insert(1 + place % len(order), order[place % len(order)])

    assert passed(Lane("binance", "BTC/USDT"), order) == list(range(1, size + 2))


@given(st.sets(st.integers(2, 40), max_size=20), st.sets(st.integers(2, 40), max_size=20))
def test_every_id_passes_once_or_is_named_missing(lost: set[int], fetched: set[int]) -> None:
    lane = Lane("binance", "BTC/USDT")
    told = passed(lane, [number for number in range(1, 42) if number not in lost])
    if lane.state is LaneState.HOLDING:
        lane.begin_fill(NOON)
        told += [each.trade_id for each in lane.fill([trade(number) for number in sorted(fetched)])]
    passing, missing = lane.resume()
    told += [each.trade_id for each in passing]

    named = {number for first, last in missing for number in range(first, last + 1)}
    assert told == sorted({number for number in told if number is not None})
    assert set(told) | named == set(range(1, 42))
    assert not set(told) & named


def test_a_lane_goes_on_where_an_earlier_run_ended():
    lane = Lane("binance", "BTC/USDT")
    lane.begin_after(7, NOON)
    passing, is_late = lane.offer(trade(10, at=NOON + 5))

    assert (list(passing), is_late, lane.count) == ([], False, 0)
    hole = lane.hole()
    assert hole is not None
    assert (hole.first_id, hole.last_id, hole.from_at) == (8, 9, NOON)
    lane.begin_after(99, NOON)  # a trade has come: too late to begin elsewhere
    assert lane.next_id == 8


def test_a_lane_goes_on_at_once_if_nothing_was_missed():
    lane = Lane("binance", "BTC/USDT")
    lane.begin_after(7, NOON)
    passing, _ = lane.offer(trade(8, at=NOON + 5))

    assert [each.trade_id for each in passing] == [8]
    assert lane.state is LaneState.OPEN


def test_without_numbers_a_lane_knows_only_since_when_it_was_deaf():
    lane = Lane("kraken", "BTC/USD")
    lane.begin_after(None, NOON)

    assert (lane.next_id, lane.last_event_at, lane.state) == (None, NOON, LaneState.SUSPECT)
