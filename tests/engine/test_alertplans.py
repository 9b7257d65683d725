"""Plans: what a file would change, and nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.alerts import AlertDraft
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.engine.alertplans import Action, Difference, plan, wanted_fields


def wanted(name: str = "a", condition: str = "price > 1", **fields: Any) -> dict[str, Any]:
    draft = AlertDraft(name=name, condition=condition, symbols=("BTC",), **fields)
    return wanted_fields(draft, lambda text: parse_symbol(text).canonical("USDT"))


def stored(name: str = "a", **fields: Any) -> dict[str, Any]:
    """Return an alert as the server tells it."""
    view = {
        "id": name, "name": name, "symbol": "BTC/USDT", "symbols": ["BTC/USDT"], "watchlist": None,
        "condition": "price > 1", "timeframe": "1m", "trigger": "once", "cooldown_seconds": 60.0, "rearm": None,
        "expires_at": None, "max_triggers": None, "severity": "info", "message": "", "channels": [], "tags": [],
        "fresh": False, "enabled": True, "revision": 1, "source": "yaml",
    }  # fmt: skip
    return view | fields


def actions(steps) -> dict[str, Action]:
    return {step.name: step.action for step in steps}


def test_what_the_file_says_already_stays():
    assert actions(plan([wanted()], [stored()])) == {"a": Action.UNCHANGED}


def test_what_is_new_is_created_what_differs_is_changed_what_is_gone_is_removed():
    steps = plan([wanted("new"), wanted("a", "price > 2")], [stored("a"), stored("old")])

    assert actions(steps) == {"new": Action.CREATE, "a": Action.CHANGE, "old": Action.REMOVE}
    assert steps[1].differences == (Difference("condition", "price > 1", "price > 2"),)


def test_what_came_through_another_door_is_kept_unless_asked():
    made_elsewhere = stored("mine", source="api")

    assert actions(plan([], [made_elsewhere])) == {"mine": Action.KEEP}
    assert actions(plan([], [made_elsewhere], prune=True)) == {"mine": Action.REMOVE}


def test_a_change_made_elsewhere_is_called_drift():
    (step,) = plan([wanted()], [stored(severity="critical", revision=2, source="page")])

    assert (step.action, step.drifted) == (Action.CHANGE, True)
    assert not plan([wanted()], [stored(severity="critical")])[0].drifted


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        ({"rearm": {"level": "64000", "percent": None}}, {"rearm": {"level": 64000.0}}),
        ({"expires_at": "2030-01-31T12:00:00.000Z"}, {"expires_at": "2030-01-31T12:00:00+00:00"}),
        (
            {"watchlist": "majors", "symbol": None, "symbols": ["BTC/USDT"]},
            {"watchlist": "majors", "symbol": None},
        ),
    ],
)
def test_one_thing_told_in_two_ways_is_no_difference(told, fields):
    assert plan([wanted() | fields], [stored(**told)])[0].differences == ()


@given(st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef")))
def test_after_a_plan_is_carried_out_nothing_is_left_to_do(in_file: set[str], in_store: set[str]):
    file = [wanted(name, f"price > {number + 2}") for number, name in enumerate(sorted(in_file))]
    steps = plan(file, [stored(name) for name in in_store])

    after = [
        stored(step.name, condition=step.wanted["condition"]) for step in steps if step.wanted is not None
    ]
    assert {step.action for step in plan(file, after)} <= {Action.UNCHANGED}
