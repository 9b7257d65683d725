"""Sleepers: which alerts can be columns, and that nothing is lost of them."""

import pytest

from crypto_portfolio_analyzer.core.alerts import AlertState, Rearm, Standing, Trigger
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.judging.sleepers import Sleepers, is_unused, shape_of
from tests.core.judging.scene import alert


@pytest.mark.parametrize(
    "asked", ["price > 50000", "price crosses below 0.00001234", "bid <= 12.5", "price crosses 65000.5"]
)
def test_shape_and_level_give_the_condition_back(asked):
    condition = read_condition(asked)
    found = shape_of(alert(), condition)

    assert found is not None
    shape, level = found
    assert shape.condition(level) == condition


def test_conditions_that_differ_in_their_level_have_one_shape():
    first, second = (shape_of(alert(), read_condition(f"price > {level}")) for level in (1, 2.5))

    assert first is not None
    assert second is not None
    assert first[0] == second[0]


@pytest.mark.parametrize(
    "asked",
    [
        "price > 50k",
        "price > bid",
        "close > 100",
        "feed.age > 30s",
        '"ETH/USDT".price > 100',
        "price > 1 for 5m",
    ],
)
def test_what_needs_more_than_its_level_cannot_sleep(asked):
    assert shape_of(alert(), read_condition(asked)) is None


@pytest.mark.parametrize(
    ("fields", "can"),
    [
        ({"fresh": True}, False),
        ({"expires_at": 5}, False),
        ({"enabled": False}, False),
        ({"trigger": Trigger.ONCE_PER_BAR_CLOSE}, False),
        (
            {"trigger": Trigger.ONCE_PER_BAR, "cooldown": 0, "rearm": Rearm(percent=1), "max_triggers": 3},
            True,
        ),
    ],
)
def test_what_time_alone_changes_cannot_sleep(fields, can):
    assert (shape_of(alert(**fields), read_condition("price > 1")) is not None) is can


def test_only_a_standing_without_a_past_fits_into_a_row():
    unused = Standing(alert_id="a", symbol="s", revision=1, state=AlertState.ARMED)

    assert is_unused(unused)
    assert not is_unused(Standing(alert_id="a", symbol="s", revision=1, state=AlertState.ARMED, fired=1))
    assert not is_unused(Standing(alert_id="a", symbol="s", revision=1, state=AlertState.WARMING))


def sleepers(asked: str) -> Sleepers:
    found = shape_of(alert(), read_condition(asked))
    assert found is not None
    rows = Sleepers()
    rows.add(alert(), *found, since=0)
    return rows


def test_crossing_wakes_from_the_wanted_side_only():
    rows = sleepers("price crosses above 100")

    assert rows.woken(101, 99) == []
    assert rows.woken(float("nan"), 101) == []
    assert len(rows.woken(99, 101)) == 1


def test_side_is_kept_while_the_price_stands_on_the_level():
    rows = sleepers("price crosses above 100")
    rows.move(99, 100)

    ((_, row),) = rows.woken(100, 101)

    assert row.came_from == -1


def test_forgotten_side_is_no_side_to_come_from():
    rows = sleepers("price crosses above 100")
    rows.move(99, 100)
    rows.forget()

    assert rows.woken(100, 101) == []


def test_row_that_is_taken_is_gone():
    rows = sleepers("price > 100")
    rows.take(place for place, _ in rows.rows(99))

    assert len(rows) == 0
