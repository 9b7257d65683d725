"""Order books that are a function of time."""

from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.simulation.book import LEVELS, SLOT, Books, changes
from crypto_portfolio_analyzer.simulation.tape import Tape
from tests.fakes import NOON

TAPE = Tape(seed=5, symbols=("BTC", "DOGE"), start_at=NOON).venue("binance", ("USDT",))
slots = st.integers(0, 100_000)


@given(st.sampled_from([0, 1]), slots)
def test_a_book_is_sorted_and_never_crossed(listing, slot):
    book = Books(TAPE).at(listing, NOON + slot * SLOT)

    assert list(book.bids) == sorted(book.bids, reverse=True)
    assert list(book.asks) == sorted(book.asks)
    assert max(book.bids) < min(book.asks)
    assert min(*book.bids.values(), *book.asks.values()) > 0
    assert len(book.bids) == len(book.asks) == LEVELS


@given(slots, st.integers(1, 50))
def test_changes_lead_from_one_book_to_a_later_one(slot, later):
    books = Books(TAPE)
    before, after = (books.at(0, NOON + at * SLOT) for at in (slot, slot + later))

    rebuilt = before.bids | changes(before.bids, after.bids)

    assert {price: lots for price, lots in rebuilt.items() if lots} == after.bids
    assert after.last_id > before.last_id


def test_most_of_a_book_outlives_a_slot():
    books = Books(TAPE)
    before, after = (books.at(0, NOON + at * SLOT).top(50) for at in (0, 1))

    assert 0 < len(changes(before.asks, after.asks)) < 20


def test_the_same_instant_has_the_same_book():
    assert Books(TAPE).at(0, NOON) == Books(TAPE).at(0, NOON + SLOT - 1)


def test_the_top_is_the_best_levels():
    book = Books(TAPE).at(0, NOON)

    assert list(book.top(3).bids) == list(book.bids)[:3]
