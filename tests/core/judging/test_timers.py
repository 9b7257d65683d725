"""Timers."""

from crypto_portfolio_analyzer.core.judging.timers import NEVER, Timers


def test_calls_are_made_in_the_order_they_are_due():
    timers, done = Timers(), []
    timers.set(20, lambda: done.append("late"))
    timers.set(10, lambda: done.append("soon"))
    timers.set(10, lambda: done.append("soon too"))

    timers.run(15)

    assert done == ["soon", "soon too"]
    assert timers.next_due == 20


def test_what_comes_due_while_running_is_done_too():
    timers, done = Timers(), []
    timers.set(10, lambda: timers.set(12, lambda: done.append(12)))

    timers.run(15)

    assert done == [12]
    assert timers.next_due == NEVER
