"""The window of a Kraken book, and the checksum that proves it."""

from collections.abc import Iterable
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.books import BookOutcome, OrderBook
from crypto_portfolio_analyzer.core.market import BookDelta, BookSnapshot, Control, ControlKind, Fact
from crypto_portfolio_analyzer.exchanges.kraken.books import Books, DepthWindow, WireLevel, digits
from tests.fakes import NOON


def levels(*told: tuple[str, str]) -> list[WireLevel]:
    return [WireLevel(float(price), float(quantity), digits(price, quantity)) for price, quantity in told]


def pairs(side: Iterable[WireLevel]) -> tuple[tuple[float, float], ...]:
    return tuple((level.price, level.quantity) for level in side)


def snapshot(bids: Iterable[WireLevel] = (), asks: Iterable[WireLevel] = ()) -> BookSnapshot:
    return BookSnapshot("kraken", "BTC/USD", pairs(bids), pairs(asks), 0, NOON, NOON)


def delta(bids: Iterable[WireLevel] = (), asks: Iterable[WireLevel] = ()) -> BookDelta:
    return BookDelta("kraken", "BTC/USD", pairs(bids), pairs(asks), 0, 0, NOON, NOON)


@pytest.mark.parametrize(
    ("price", "quantity", "expected"),
    [
        ("45285.2", "0.00100000", b"452852100000"),
        ("0.05005", "0.00000500", b"5005500"),
        ("10", "20", b"1020"),
    ],
)
def test_digits_are_figures_without_points_and_leading_zeros(price, quantity, expected):
    assert digits(price, quantity) == expected


def test_the_checksum_takes_the_best_ten_of_each_side_asks_first():
    asks = levels(*((f"{100 + step}.5", "1.0") for step in range(12)))
    bids = levels(*((f"{99 - step}.5", "2.0") for step in range(12)))

    window = DepthWindow(100, bids[::-1], asks[::-1])

    text = "".join(f"{100 + step}510" for step in range(10)) + "".join(
        f"{99 - step}520" for step in range(10)
    )
    assert window.checksum() == crc32(text.encode())


def test_levels_beyond_the_depth_are_dropped_and_named():
    window = DepthWindow(2, levels(("10", "1"), ("9", "1")), levels(("11", "1"), ("12", "1")))

    beyond = window.apply(levels(("9.5", "1")), levels(("11.5", "1")))

    assert beyond == ([9.0], [12.0])


def test_a_level_of_quantity_zero_goes():
    window = DepthWindow(2, levels(("10", "1"), ("9", "1")), levels(("11", "1")))
    other = DepthWindow(2, levels(("9", "1")), levels(("11", "1")))

    window.apply(levels(("10", "0.000"), ("7", "0")), ())

    assert window.checksum() == other.checksum()


prices = st.integers(1, 30).map(lambda step: f"{step}.5")
changes = st.lists(
    st.tuples(st.sampled_from(("bid", "ask")), prices, st.sampled_from(("0", "1.0", "2.5"))), max_size=60
)


@given(changes)
def test_a_window_equals_a_sorted_cut_of_what_it_was_told(told):
    window = DepthWindow(5, (), ())
    plain: dict[str, dict[float, bytes]] = {"bid": {}, "ask": {}}

    for side, price, quantity in told:
        (level,) = levels((price, quantity))
        window.apply([level] if side == "bid" else (), [level] if side == "ask" else ())
        plain[side].pop(level.price, None)
        if level.quantity:
            plain[side][level.price] = level.digits
        for name, is_bid in (("bid", True), ("ask", False)):
            plain[name] = dict(sorted(plain[name].items(), reverse=is_bid)[:5])

    assert window.checksum() == crc32(b"".join([*plain["ask"].values(), *plain["bid"].values()]))


def opened(checksum: int | None = None) -> tuple[Books, list[Fact]]:
    books = Books("kraken")
    bids, asks = levels(("10", "1"), ("9", "1")), levels(("11", "1"), ("12", "1"))
    return books, books.open(snapshot(bids, asks), 2, (bids, asks), checksum)


def test_dropped_levels_are_removed_by_the_update():
    books, _ = opened()
    new = levels(("10.5", "3"))

    (fact,) = books.update(delta(new), (new, []), None)

    assert isinstance(fact, BookDelta)
    assert fact.bids == ((10.5, 3.0), (9.0, 0.0))


def test_updates_are_numbered_one_by_one():
    books, facts = opened()
    for _ in range(2):
        facts += books.update(delta(), ([], []), None)

    told = [
        (fact.last_id, getattr(fact, "first_id", None))
        for fact in facts
        if isinstance(fact, BookSnapshot | BookDelta)
    ]
    assert told == [(1, None), (2, 2), (3, 3)]


def test_a_wrong_checksum_is_told_once_and_leaves_a_hole_in_the_numbers():
    books, facts = opened()
    keeper = OrderBook("BTC/USD")
    for checksum in (1, 2, 3):
        facts += books.update(delta(), ([], []), checksum)

    outcomes = [keeper.apply(fact) for fact in facts if isinstance(fact, BookSnapshot | BookDelta)]

    told = [fact for fact in facts if isinstance(fact, Control)]
    assert [(control.kind, control.text) for control in told] == [
        (ControlKind.STATUS, "checksum mismatch BTC/USD")
    ]
    assert outcomes[2] is BookOutcome.GAP


def test_a_new_snapshot_heals_a_torn_book():
    books, facts = opened(checksum=1)
    bids, asks = levels(("10", "1")), levels(("11", "1"))
    right = DepthWindow(2, bids, asks).checksum()

    again = books.open(snapshot(bids, asks), 2, (bids, asks), right)

    assert [type(fact) for fact in facts] == [BookSnapshot, Control]
    assert [type(fact) for fact in again] == [BookSnapshot]


def test_an_update_before_any_snapshot_is_passed_on():
    (fact,) = Books("kraken").update(delta(), ([], []), 7)

    assert isinstance(fact, BookDelta)
    assert fact.last_id == 1
