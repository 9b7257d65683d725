"""Hysteresis."""

import pytest

from crypto_portfolio_analyzer.core.alerts import Rearm
from crypto_portfolio_analyzer.core.judging.hysteresis import Hysteresis
from crypto_portfolio_analyzer.core.judging.moment import Moment

NOW = Moment(at=0, received_at=0, detected_at=0)


class Still:
    """An operand that is set by hand."""

    def __init__(self, value: float) -> None:
        self.now = self.was = value

    def value(self, _moment: Moment) -> float:
        return self.now

    def before(self, _moment: Moment) -> float:
        return self.was

    def due(self, _at: int) -> int | None:
        return None


def fired_at(value: float, rearm: Rearm, *bounds: float) -> tuple[Hysteresis, Still]:
    operand = Still(value)
    hysteresis = Hysteresis(rearm, operand, [Still(bound) for bound in bounds])
    hysteresis.fired(NOW)
    return hysteresis, operand


@pytest.mark.parametrize(
    ("fired", "bound", "not_yet", "back"), [(101, 100, 98.1, 98.0), (99, 100, 101.9, 102.0)]
)
def test_percentage_is_of_the_boundary_and_back_through_it(fired, bound, not_yet, back):
    hysteresis, operand = fired_at(fired, Rearm(percent=2), bound)

    operand.now = not_yet
    assert not hysteresis.settle(NOW)
    operand.now = back
    assert hysteresis.settle(NOW)


def test_level_is_reached_from_the_side_it_fired_on():
    hysteresis, operand = fired_at(101, Rearm(level=95), 100)

    operand.now = 96
    assert not hysteresis.settle(NOW)
    operand.now = 95
    assert hysteresis.settle(NOW)


def test_going_back_is_remembered():
    hysteresis, operand = fired_at(101, Rearm(level=95), 100)
    operand.now = 94
    hysteresis.settle(NOW)

    operand.now = 105

    assert not hysteresis.is_waiting


@pytest.mark.parametrize(("fired", "not_yet", "back"), [(15, 9.95, 9.9), (25, 10.05, 10.1)])
def test_ranges_are_left_or_entered_by_the_margin(fired, not_yet, back):
    hysteresis, operand = fired_at(fired, Rearm(percent=1), 10, 20)

    operand.now = not_yet
    assert not hysteresis.settle(NOW)
    operand.now = back
    assert hysteresis.settle(NOW)


def test_levels_name_where_it_will_be_back():
    hysteresis, _ = fired_at(101, Rearm(percent=2), 100)

    assert hysteresis.levels(NOW) == [98.0]


def test_without_a_known_value_there_is_nothing_to_wait_for():
    hysteresis, _ = fired_at(float("nan"), Rearm(percent=2), 100)

    assert hysteresis.settle(NOW)
