"""Held for, true within, one after the other."""

from collections.abc import Iterable
from typing import Any

import pytest

from crypto_portfolio_analyzer.core.judging.moment import Moment
from crypto_portfolio_analyzer.core.judging.questions import Truth
from crypto_portfolio_analyzer.core.judging.spans import Bars, HeldBars, HeldFor, Recently, Then

CLOSED = frozenset({("BTC/USDT", "1m")})


class Played:
    """A question that plays answers; an edge is over with each."""

    def __init__(self, answers: Iterable[Truth], *, is_edge: bool = False) -> None:
        self._answers, self._is_edge = iter(answers), is_edge
        self.last: Truth = None

    def answer(self, _moment: Moment) -> Truth:
        self.last = next(self._answers)
        return self.last

    def rest(self) -> Truth:
        return False if self._is_edge else self.last

    def due(self, _at: int) -> int | None:
        return None


def moment(at: int, *, closes: bool = False) -> Moment:
    return Moment(at=at, received_at=at, detected_at=at, closed=CLOSED if closes else frozenset())


def play(question: Any, *instants: int) -> list[Truth]:
    return [question.answer(moment(at)) for at in instants]


def closes(question: Any, clock: Bars, count: int) -> list[Truth]:
    truths = []
    for number in range(count):
        now = moment(number, closes=True)
        clock.count(now)
        truths.append(question.answer(now))
    return truths


def clock() -> Bars:
    return Bars("BTC/USDT", "1m")


def test_hold_is_true_once_the_span_is_over():
    held = HeldFor(Played([True] * 4), 10)

    assert play(held, 0, 9, 10, 11) == [False, False, True, True]


@pytest.mark.parametrize("broken", [False, None])
def test_false_and_unknown_start_a_hold_over(broken):
    held = HeldFor(Played([True, broken, True, True]), 10)

    assert play(held, 0, 5, 10, 19) == [False, broken, False, False]


def test_hold_names_when_it_is_due():
    held = HeldFor(Played([True]), 10)
    play(held, 3)

    assert held.due(3) == 13
    assert held.due(13) is None


def test_hold_over_bars_counts_consecutive_closes():
    counted = clock()
    held = HeldBars(Played([True, True, False, True, True, True, None]), 2, counted)

    assert closes(held, counted, 7) == [False, True, False, False, True, True, None]


def test_ticks_between_closes_do_not_count():
    held = HeldBars(Played([True] * 9), 2, clock())

    assert play(held, 1, 2, 3) == [False, False, False]


def test_within_is_true_until_it_runs_out():
    recent = Recently(Played([True, False, False]), 10, None, clock())

    assert play(recent, 0, 10, 11) == [True, True, False]


def test_within_names_the_instant_after_its_last():
    recent = Recently(Played([True]), 10, None, clock())
    play(recent, 0)

    assert recent.due(5) == 11


def test_within_bars_counts_the_current_bar_as_the_first():
    counted = clock()
    recent = Recently(Played([True, False, False, False]), None, 3, counted)

    assert closes(recent, counted, 4) == [True, True, True, False]


def test_then_needs_the_second_strictly_after_the_first():
    same = Then(Played([True]), Played([True]), 10, None, clock())
    after = Then(Played([True, True]), Played([False, True]), 10, None, clock())

    assert play(same, 0) == [False]
    assert play(after, 0, 1) == [False, True]


def test_then_is_in_time_at_exactly_the_span_and_not_later():
    for span, holds in ((10, True), (9, False)):
        then = Then(Played([True, False]), Played([False, True]), span, None, clock())

        assert play(then, 0, 10) == [False, holds]


def test_newer_first_restarts_the_clock():
    first = Played([True, False, True, False])
    then = Then(first, Played([False, False, False, True]), 5, None, clock())

    assert play(then, 0, 1, 6, 10)[-1] is True


def test_firing_consumes_the_first():
    then = Then(Played([True, False, False, False]), Played([False, True, False, True]), 10, None, clock())

    assert play(then, 0, 1, 2, 3) == [False, True, False, False]


def test_second_that_was_true_already_does_not_become_true():
    then = Then(Played([False, True, True]), Played([True, True, True]), 10, None, clock())

    assert play(then, 0, 1, 2) == [False, False, False]


def test_two_edges_in_a_row_each_become_true():
    first, second = Played([True, False, False], is_edge=True), Played([True, True, True], is_edge=True)
    then = Then(first, second, 10, None, clock())

    assert play(then, 0, 1, 2) == [False, True, False]


def test_memory_takes_a_sequence_through_a_restart():
    before = Then(Played([True]), Played([False]), 10, None, clock())
    play(before, 0)
    after = Then(Played([False]), Played([True]), 10, None, clock())
    after.memory = before.memory

    assert play(after, 4) == [True]
