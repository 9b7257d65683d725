"""Order books: rebuilt from recorded captures, and each rule of staying in step."""

import json
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.books import BookOutcome, OrderBook
from crypto_portfolio_analyzer.core.market import BookDelta, BookSnapshot, Level
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.core.venues import Decoder
from crypto_portfolio_analyzer.exchanges.binance import Binance
from tests.exchanges.captures import Body, Frame, records
from tests.fakes import NOON

APPLIED, STALE, WAITING, GAP = BookOutcome.APPLIED, BookOutcome.STALE, BookOutcome.WAITING, BookOutcome.GAP
BIDS, ASKS = ((99.0, 1.0), (98.0, 2.0)), ((101.0, 1.0), (102.0, 2.0))


def snapshot(last_id: int = 10, bids: Iterable[Level] = BIDS, asks: Iterable[Level] = ASKS) -> BookSnapshot:
    return BookSnapshot("venue", "BTC/USDT", tuple(bids), tuple(asks), last_id, NOON, NOON)


def delta(
    first: int,
    last: int,
    bids: Iterable[Level] = (),
    asks: Iterable[Level] = (),
    previous: int | None = None,
) -> BookDelta:
    return BookDelta("venue", "BTC/USDT", tuple(bids), tuple(asks), first, last, NOON + last, NOON, previous)


def synchronised() -> OrderBook:
    book = OrderBook("BTC/USDT")
    assert book.apply(snapshot()) is APPLIED
    return book


def test_a_new_book_shows_nothing():
    book = OrderBook("BTC/USDT")

    assert book.best() is None
    assert book.depth(5) == ([], [])
    assert book.imbalance(5) is None
    assert not book.is_synchronised


def test_a_snapshot_is_shown_best_first():
    book = synchronised()

    assert book.best() == ((99.0, 1.0), (101.0, 1.0))
    assert book.depth(5) == ([(99.0, 1.0), (98.0, 2.0)], [(101.0, 1.0), (102.0, 2.0)])
    assert book.depth(1) == ([(99.0, 1.0)], [(101.0, 1.0)])
    assert book.depth(0) == ([], [])


def test_a_change_sets_adds_and_removes_levels():
    book = synchronised()

    outcome = book.apply(delta(11, 12, bids=[(99.0, 0.0), (98.5, 3.0)], asks=[(101.0, 7.0), (500.0, 0.0)]))

    assert outcome is APPLIED
    assert book.depth(5) == ([(98.5, 3.0), (98.0, 2.0)], [(101.0, 7.0), (102.0, 2.0)])
    assert (book.last_id, book.event_at) == (12, NOON + 12)


def test_imbalance_weighs_the_best_levels():
    book = synchronised()
    book.apply(delta(11, 11, bids=[(99.0, 3.0)]))

    assert book.imbalance(1) == 0.5
    assert book.imbalance(2) == pytest.approx((5 - 3) / 8)


def test_changes_wait_for_the_snapshot_and_those_it_includes_are_dropped():
    book = OrderBook("BTC/USDT")

    waiting = [book.apply(delta(8, 9, bids=[(50.0, 9.0)])), book.apply(delta(10, 12, bids=[(99.0, 5.0)]))]
    outcome = book.apply(snapshot(last_id=10))

    assert waiting == [WAITING, WAITING]
    assert outcome is APPLIED
    assert book.depth(5)[0] == [(99.0, 5.0), (98.0, 2.0)]
    assert book.apply(delta(13, 13)) is APPLIED


def test_a_snapshot_older_than_the_kept_changes_asks_for_a_newer_one():
    book = OrderBook("BTC/USDT")
    book.apply(delta(20, 21, bids=[(99.0, 5.0)]))

    assert book.apply(snapshot(last_id=10)) is GAP
    assert book.best() is None
    assert book.apply(snapshot(last_id=20)) is APPLIED
    assert book.last_id == 21


def test_a_missing_update_is_a_gap_and_hides_the_book():
    book = synchronised()

    assert book.apply(delta(12, 13)) is GAP
    assert book.best() is None
    assert not book.is_synchronised
    assert book.apply(delta(14, 14)) is WAITING
    assert book.apply(snapshot(last_id=12)) is APPLIED
    assert book.last_id == 14


def test_an_update_known_already_is_stale():
    book = synchronised()
    book.apply(delta(11, 12))

    assert book.apply(delta(11, 12, bids=[(99.0, 0.0)])) is STALE
    assert book.apply(delta(5, 6, bids=[(99.0, 0.0)])) is STALE
    assert book.apply(snapshot(last_id=3)) is STALE
    assert book.best() == ((99.0, 1.0), (101.0, 1.0))


def test_an_update_that_overlaps_is_applied():
    book = synchronised()

    assert book.apply(delta(8, 12, bids=[(99.0, 4.0)])) is APPLIED
    assert book.best() == ((99.0, 4.0), (101.0, 1.0))


def test_futures_updates_name_the_one_before():
    book = synchronised()

    assert book.apply(delta(9, 30, previous=8)) is APPLIED
    assert book.apply(delta(35, 40, previous=30)) is APPLIED
    assert book.apply(delta(41, 45, previous=40)) is APPLIED
    assert book.apply(delta(41, 45, previous=40)) is STALE
    assert book.apply(delta(50, 55, previous=49)) is GAP


def test_the_first_futures_update_must_reach_back_to_the_snapshot():
    assert synchronised().apply(delta(11, 30, previous=8)) is GAP
    assert synchronised().apply(delta(8, 9, previous=7)) is STALE
    assert synchronised().apply(delta(8, 10, previous=7)) is APPLIED


def test_a_venue_without_ids_is_followed_in_its_order():
    book = OrderBook("BTC/USDT")

    assert book.apply(delta(0, 0, bids=[(50.0, 1.0)])) is WAITING
    assert book.apply(snapshot(last_id=0)) is APPLIED
    assert book.apply(delta(0, 0, bids=[(99.5, 1.0)])) is APPLIED
    assert book.best() == ((99.5, 1.0), (101.0, 1.0))
    assert book.apply(snapshot(last_id=0)) is APPLIED
    assert book.best() == ((99.0, 1.0), (101.0, 1.0))


def test_after_a_reset_the_book_waits_for_a_snapshot():
    book = synchronised()

    book.reset()

    assert book.best() is None
    assert book.apply(delta(11, 12)) is WAITING


@pytest.mark.parametrize("price", [101.0, 105.0])
def test_a_book_that_crosses_is_not_shown(price):
    book = synchronised()

    assert book.apply(delta(11, 12, bids=[(price, 1.0)])) is GAP
    assert book.best() is None


def test_a_change_that_moves_both_sides_is_no_cross():
    book = synchronised()

    outcome = book.apply(delta(11, 12, bids=[(101.5, 1.0)], asks=[(101.0, 0.0)]))

    assert outcome is APPLIED
    assert book.best() == ((101.5, 1.0), (102.0, 2.0))


def test_a_crossed_snapshot_is_refused():
    book = OrderBook("BTC/USDT")

    assert book.apply(snapshot(bids=[(103.0, 1.0)])) is GAP
    assert book.best() is None


def test_one_side_may_be_empty():
    book = OrderBook("BTC/USDT")

    assert book.apply(snapshot(bids=[])) is APPLIED
    assert book.best() is None
    assert book.imbalance(3) == -1.0
    assert book.is_synchronised


def test_levels_without_quantity_are_no_levels():
    book = OrderBook("BTC/USDT")
    book.apply(snapshot(bids=[(100.0, 0.0), (99.0, 1.0)]))

    assert book.depth(5)[0] == [(99.0, 1.0)]


def test_kept_changes_are_bounded():
    book = OrderBook("BTC/USDT", max_pending=3)
    for number in range(1, 9):
        book.apply(delta(number, number))

    assert book.apply(snapshot(last_id=2)) is GAP
    assert book.apply(snapshot(last_id=5)) is APPLIED
    assert book.last_id == 8


def test_levels_are_bounded_and_the_best_are_kept():
    book = OrderBook("BTC/USDT", max_levels=80)
    book.apply(snapshot(bids=[(float(price), 1.0) for price in range(1, 100)]))
    book.apply(delta(11, 11, bids=[(2.0, 5.0), (99.5, 1.0)]))

    bids, _ = book.depth(1000)
    assert bids[:3] == [(99.5, 1.0), (99.0, 1.0), (98.0, 1.0)]
    assert len(bids) <= 80
    assert (2.0, 5.0) not in bids


def test_a_cut_book_that_runs_dry_asks_for_a_snapshot():
    book = OrderBook("BTC/USDT", max_levels=80)
    book.apply(snapshot(bids=[(float(price), 1.0) for price in range(1, 100)]))

    outcome = book.apply(delta(11, 11, bids=[(float(price), 0.0) for price in range(40, 100)]))

    assert outcome is GAP


class PlainBook:
    """The same book without any cleverness: two dictionaries of decimals."""

    def __init__(self) -> None:
        self.sides: dict[str, dict[Decimal, Decimal]] = {"bids": {}, "asks": {}}
        self.last_id: int | None = None
        self.waiting: list[dict[str, Any]] = []

    def start(self, body: dict[str, Any]) -> None:
        for side, levels in self.sides.items():
            levels.clear()
            levels.update({Decimal(price): Decimal(quantity) for price, quantity in body[side]})
        self.last_id = body["lastUpdateId"]
        for change in self.waiting:
            self.follow(change)

    def follow(self, change: dict[str, Any]) -> None:
        if self.last_id is None:
            self.waiting.append(change)
            return
        if change["u"] <= self.last_id:
            return
        for side, key in (("bids", "b"), ("asks", "a")):
            for price, quantity in change[key]:
                self.sides[side][Decimal(price)] = Decimal(quantity)
                if Decimal(quantity) == 0:
                    del self.sides[side][Decimal(price)]
        self.last_id = change["u"]

    def levels(self) -> tuple[list[Level], list[Level]]:
        bids, asks = (
            [(float(price), float(quantity)) for price, quantity in sorted(levels.items())]
            for levels in self.sides.values()
        )
        return bids[::-1], asks


@pytest.mark.parametrize(
    ("names", "symbols"),
    [
        (["spot_2021-04-04_BTC-ETH-DOT"], 3),
        (["spot_2021-08-14", "spot_2021-08-14_http_depth"], 4),
        (["us_2021-10-12", "us_2021-10-12_http_depth"], 4),
        (["tr_2023-04-10", "tr_2023-04-10_http_depth"], 3),
        (["usdm_futures_2021-07-22", "usdm_futures_2021-07-22_http_depth"], 4),
    ],
)
def test_recorded_books_are_never_crossed_nor_torn_and_equal_a_plain_rebuild(recorded_data, names, symbols):
    folder: Path = recorded_data / "ws" / "binance"
    tape = sorted(
        (record for name in names for record in records(folder / f"{name}.cf1.gz")), key=lambda each: each[0]
    )
    binance = Binance()
    decoder = binance.decoder()
    books: dict[str, OrderBook] = {}
    plain: dict[str, PlainBook] = defaultdict(PlainBook)
    outcomes: dict[str, list[BookOutcome]] = defaultdict(list)

    for record in tape:
        for change in changes(binance, decoder, record):
            book = books.setdefault(change.symbol, OrderBook(change.symbol))
            outcomes[change.symbol].append(book.apply(change))
            best = book.best()
            assert (best is not None) == book.is_synchronised
            assert best is None or best[0][0] < best[1][0]
            raw = json.loads(record.text)
            if isinstance(record, Body):
                plain[change.symbol].start(raw)
            else:
                plain[change.symbol].follow(raw["data"])

    followed = {symbol: found for symbol, found in outcomes.items() if APPLIED in found}
    assert len(followed) == symbols
    for symbol, found in followed.items():
        assert GAP not in found
        assert books[symbol].is_synchronised
        assert books[symbol].depth(100_000) == plain[symbol].levels()
        assert books[symbol].last_id == plain[symbol].last_id


def changes(binance: Binance, decoder: Decoder, record: Frame | Body) -> list[BookSnapshot | BookDelta]:
    """Decode a received message, or the snapshot that was fetched for a symbol."""
    if isinstance(record, Frame):
        facts = decoder.decode(record.text, record.received_at)
    else:
        symbol = parse_symbol(record.query["symbol"]).canonical()
        facts = [binance.decode_book(symbol, record.text, record.received_at)]
    return [fact for fact in facts if isinstance(fact, BookSnapshot | BookDelta)]


levels = st.lists(st.tuples(st.integers(1, 60).map(float), st.integers(0, 5).map(float)), max_size=12)


@given(first=levels, later=st.lists(levels, max_size=12))
@settings(max_examples=300, deadline=None)
def test_a_side_stays_sorted_and_complete_under_any_changes(first, later):
    book, expected = OrderBook("BTC/USDT"), {price: quantity for price, quantity in first if quantity}
    book.apply(snapshot(bids=first, asks=[]))
    for number, change in enumerate(later, start=11):
        assert book.apply(delta(number, number, bids=change)) is APPLIED
        expected.update(change)
        expected = {price: quantity for price, quantity in expected.items() if quantity}

    assert book.depth(1000)[0] == sorted(expected.items(), reverse=True)
