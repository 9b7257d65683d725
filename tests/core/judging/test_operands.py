"""Values of a condition at a moment."""

from math import isnan, nan
from operator import truediv

from crypto_portfolio_analyzer.core.judging.columns import Columns
from crypto_portfolio_analyzer.core.judging.moment import Moment
from crypto_portfolio_analyzer.core.judging.operands import (
    MAX_AGE,
    Computed,
    Constant,
    ForeignTick,
    TickOperand,
    WindowOperand,
    earliest,
)
from crypto_portfolio_analyzer.core.judging.subjects import Subject
from tests.core.judging.scene import BTC, ETH, at, trade


def moment(seconds: float) -> Moment:
    return Moment(at=at(seconds), received_at=at(seconds), detected_at=at(seconds))


def subject_at(price: float) -> Subject:
    subject = Subject(BTC, Columns())
    subject.want(("price", "", ()))
    subject.columns.last[subject.number] = trade(0, price)
    subject.sync()
    return subject


def test_division_by_zero_is_unknown():
    assert isnan(Computed(truediv, [Constant(1), Constant(0)]).value(moment(0)))


def test_least_of_something_unknown_is_unknown():
    assert isnan(Computed(min, [Constant(1), Constant(nan)]).value(moment(0)))
    assert Computed(min, [Constant(1), Constant(2)]).before(moment(0)) == 1


def test_other_subject_is_unknown_after_a_minute():
    subject = subject_at(100)
    foreign = ForeignTick(subject.series["price", "", ()])

    assert foreign.value(moment(60)) == 100
    assert isnan(foreign.value(moment(60.001)))
    assert foreign.due(at(0)) == at(0) + MAX_AGE + 1
    assert foreign.due(at(61)) is None


def test_window_looks_ahead_for_a_peek_only():
    subject = subject_at(100)
    series = subject.series["price", "", ()]
    highest = WindowOperand("highest", TickOperand(series), 10 * 10**9, [subject])
    highest.feed(subject, moment(0))
    highest.feed(Subject(ETH, Columns()), moment(5))
    series.value = 105.0

    late = moment(10)
    late.is_peek = True

    assert highest.value(late) == 105
    assert highest.value(moment(10)) == 100


def test_earliest_of_what_there_is():
    assert earliest([None, 3, 2]) == 2
    assert earliest([None]) is None
