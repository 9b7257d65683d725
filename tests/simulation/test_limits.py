"""What venues allow."""

from collections import Counter

import pytest

from crypto_portfolio_analyzer.simulation.limits import (
    FixedWindow,
    Gate,
    SlidingWindow,
    VenueLimits,
    Violation,
)

LIMITS = VenueLimits(
    messages=5, messages_window=1, streams=10, connections=3, connections_window=300, rest_weight=100, rest_window=60,
    ban_after=2, ban_for=120,
)  # fmt: skip


@pytest.fixture
def violations() -> Counter[Violation]:
    return Counter()


@pytest.fixture
def gate(violations) -> Gate:
    return Gate(LIMITS, violations)


def test_a_sliding_window_forgets():
    window = SlidingWindow(2, 10.0)

    assert [window.take(at) for at in (0.0, 1.0, 2.0)] == [True, True, False]
    assert window.wait(5.0) == 5.0
    assert window.take(12.5)


def test_a_fixed_window_is_whole_again_at_its_start():
    window = FixedWindow(10, 60.0)

    assert [window.take(6, 59.0), window.take(6, 59.5), window.take(6, 60.0)] == [True, False, True]
    assert (window.used, window.wait(70.0)) == (6, 50.0)


def test_too_many_connections_are_refused_with_the_time_to_wait(gate, violations):
    answers = [gate.connect(float(second)) for second in range(4)]

    assert answers == [None, None, None, (429, 297.0)]
    assert violations == {Violation.CONNECTIONS: 1}


def test_whoever_goes_on_is_banned_for_sockets_and_rest(gate, violations):
    for _ in range(5):
        gate.ask(100, 1.0)

    assert gate.connect(2.0) == (418, 119.0)
    assert violations[Violation.BANNED] >= 2
    assert gate.ask(1, 122.0) is None


def test_weight_is_counted(gate):
    gate.ask(40, 1.0)
    gate.ask(2, 1.0)

    assert gate.used_weight == 42
