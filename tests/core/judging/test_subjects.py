"""The newest state of a symbol."""

from math import inf, isnan

from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.judging.columns import Columns
from crypto_portfolio_analyzer.core.judging.sleepers import shape_of
from crypto_portfolio_analyzer.core.judging.subjects import Hole, Subject
from crypto_portfolio_analyzer.core.market import Arrival
from tests.core.judging.scene import BTC, alert, quote, ticker, trade

PRICE = ("price", "", ())


def quiet(subject: Subject) -> tuple[float, float]:
    return subject.columns.low[subject.number], subject.columns.high[subject.number]


def test_series_lives_as_long_as_somebody_wants_it():
    subject = Subject(BTC, Columns())
    series = subject.want(PRICE)
    assert subject.want(PRICE) is series

    subject.release(series)
    assert not subject.is_idle
    subject.release(series)
    assert subject.is_idle


def test_price_alone_has_a_quiet_interval_and_anything_else_none():
    subject = Subject(BTC, Columns())
    series = subject.want(PRICE)
    series.value = 100.0
    found = shape_of(alert(), read_condition("price > 110"))
    assert found is not None
    series.sleepers.add(alert(), *found, since=0)
    subject.bound()
    assert quiet(subject) == (-inf, 110.0)

    subject.want(("bid", "", ()))
    subject.bound()

    assert quiet(subject) == (inf, -inf)


def test_state_is_brought_up_to_the_newest_trade():
    subject = Subject(BTC, Columns())
    series = subject.want(PRICE)
    subject.columns.last[subject.number] = trade(1, 99)

    subject.sync()

    assert (subject.state.price, series.value, subject.state.sources) == (99, 99, 1)


def test_book_and_statistics_are_kept_beside_the_price():
    subject = Subject(BTC, Columns())
    subject.take_ticker(ticker(1, 99, high_24h=120.0))
    subject.take_quote(quote(2, 98, 100))

    state = subject.state
    assert (state.price, state.high_24h, state.bid, state.ask) == (99, 120.0, 98, 100)


def test_forgetting_leaves_only_when_something_was_heard():
    subject = Subject(BTC, Columns())
    series = subject.want(PRICE)
    subject.columns.last[subject.number] = trade(1, 99)

    subject.forget()

    assert isnan(series.value)
    assert subject.last is None
    assert subject.state.heard_at == trade(1, 99).received_at


def test_hole_is_over_with_a_trade_of_the_stream_and_whole_if_no_number_is_missing():
    for numbers, is_whole in (((2, 3), True), ((3, 4), False), ((None, None), False)):
        hole = Hole(trade(0, 1, number=1))
        first, second = numbers

        assert not hole.passes(trade(1, 1, number=first, arrival=Arrival.BACKFILLED))
        assert hole.passes(trade(2, 1, number=second))
        assert hole.is_whole is is_whole
