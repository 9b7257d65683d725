"""One venue's market at an instant."""

from crypto_portfolio_analyzer.simulation.tape import rows
from tests.fakes import NOON, SECOND


def test_the_newest_trades_end_with_the_last(market):
    newest = list(rows(market.latest(0, NOON, 5)))

    assert len(newest) == 5
    assert newest[-1][0] == market.count(0, NOON) - 1
    assert market.last(0, NOON) == newest[-1][2:4]


def test_before_any_trade_the_last_price_is_the_paths(market):
    assert market.count(0, 0) == 0
    assert market.last(0, market.tape.tape.origin - SECOND)[0] > 0


def test_the_recent_day_is_at_most_a_second_old(market):
    known = market.recent_day(0, NOON)

    assert market.recent_day(0, NOON + SECOND - 1) is known
    assert market.recent_day(0, NOON + SECOND) == market.day(0, NOON + SECOND)


def test_fill_ids_of_neighbours_touch(market):
    assert market.fill_ids(0, 10, 5)[1] == market.fill_ids(0, 15, 1)[0]


def test_ledgers_are_kept(market):
    assert market.ledger(1) is market.ledger(1)
