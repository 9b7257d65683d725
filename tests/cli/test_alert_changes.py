"""Changing alerts of a server from the command line."""

import json

import pytest
import yaml

from crypto_portfolio_analyzer.cli import alert_changes
from crypto_portfolio_analyzer.cli.alert_options import FIELDS
from crypto_portfolio_analyzer.cli.failures import Failed
from crypto_portfolio_analyzer.errors import InvalidCondition, InvalidFields
from tests.api.house import open_house
from tests.cli.shelf import Said, shelf

FILE = """\
version: 1
alerts:
  - {name: new, symbol: BTC, condition: price > 5}
  - {name: same, symbol: BTC, condition: price > 1}
  - {name: other, symbol: BTC, condition: price > 9}
"""


def options(**given):
    return dict.fromkeys(FIELDS) | given


def test_options_mean_fields_and_what_is_not_given_is_absent():
    assert alert_changes.fields(options()) == {}
    told = alert_changes.fields(
        options(symbol=["BTC"], rearm_percent=0.5, expires="7d", tag=["x"], channel=["y"], fresh=False)
    )
    assert told == {
        "symbol": "BTC", "rearm": {"percent": 0.5}, "expires_at": "7d", "tags": ["x"], "channels": ["y"],
        "fresh": False,
    }  # fmt: skip
    assert alert_changes.fields(options(symbol=["BTC", "ETH"])) == {"symbols": ["BTC", "ETH"]}


async def test_an_alert_without_a_name_gets_one_of_its_own(tmp_path):
    async with shelf(tmp_path) as kept:
        for _ in range(2):
            asked = {"symbol": "BTC", "condition": "price > 5"}
            await alert_changes.added(kept.settings, asked, Said().output)

    assert [each["name"] for each in kept.alerts.values()] == ["BTC price > 5", "BTC price > 5 2"]


async def test_a_condition_that_cannot_be_read_is_refused_before_anybody_is_asked(tmp_path):
    async with shelf(tmp_path) as kept:
        with pytest.raises(InvalidCondition):
            await alert_changes.added(kept.settings, {"symbol": "BTC", "condition": "price >"}, Said().output)

    assert kept.asked == []


async def test_an_edit_sends_what_changes_and_nothing_else(tmp_path):
    async with shelf(tmp_path) as kept:
        alert = kept.put(name="a")
        await alert_changes.edited(kept.settings, "a", {"cooldown": "0s"}, Said().output)

    assert kept.asked[-1] == ("PATCH", f"/api/alerts/{alert['id']}", {"cooldown": "0s"})


async def test_removing_needs_a_yes_and_pausing_does_not(tmp_path):
    async with shelf(tmp_path) as kept:
        kept.put(name="a")
        with pytest.raises(Failed, match="removes a: price > 1"):
            await alert_changes.removed(kept.settings, "a", Said().output, yes=False)
        await alert_changes.switched(kept.settings, "a", "pause", Said().output)
        await alert_changes.removed(kept.settings, "a", Said().output, yes=True)

    assert kept.alerts == {}
    assert any(path.endswith("/pause") for _, path, _ in kept.asked)


async def test_silences_are_made_and_ended(tmp_path):
    async with shelf(tmp_path) as kept:
        await alert_changes.silenced(kept.settings, {"tag": "x"}, "2h", "", Said().output)
        await alert_changes.silence_ended(kept.settings, "s1", Said().output)

    assert kept.asked[0][2] == {"matchers": {"tag": "x"}, "duration_seconds": 7200.0, "comment": ""}
    assert kept.asked[1][:2] == ("DELETE", "/api/silences/s1")


async def test_a_plan_shows_what_would_change_and_changes_nothing(tmp_path):
    file = tmp_path / "alerts.yaml"
    file.write_text(FILE)
    async with shelf(tmp_path) as kept:
        kept.put(name="same")
        kept.put(name="other")
        said, text = Said(as_json=True), Said()
        await alert_changes.plan_shown(kept.settings, file, 30, said.output, prune=False)
        await alert_changes.plan_shown(kept.settings, file, 30, text.output, prune=False)

    told = {each["name"]: each for each in json.loads(said.out)["steps"]}
    assert {name: each["action"] for name, each in told.items()} == {
        "new": "create", "same": "unchanged", "other": "change",
    }  # fmt: skip
    assert (told["other"]["fired_before"], told["other"]["fired_after"]) == (9, 9)
    assert "condition: 'price > 1' → 'price > 9'" in text.out
    assert len(kept.alerts) == 2


async def test_a_file_is_applied_whole_and_a_second_time_changes_nothing(tmp_path):
    file = tmp_path / "alerts.yaml"
    file.write_text(FILE)
    how = {"prune": False, "dry_run": False, "yes": True}
    async with shelf(tmp_path) as kept:
        kept.put(name="same")
        kept.put(name="gone")
        first, again = Said(as_json=True), Said(as_json=True)
        await alert_changes.applied(kept.settings, file, first.output, **how)
        await alert_changes.applied(kept.settings, file, again.output, **how)

    assert sorted(each["name"] for each in kept.alerts.values()) == ["new", "other", "same"]
    assert (json.loads(first.out)["applied"], json.loads(again.out)["applied"]) == (3, 0)


async def test_a_dry_run_and_a_file_with_a_fault_change_nothing(tmp_path):
    file, broken = tmp_path / "alerts.yaml", tmp_path / "broken.yaml"
    file.write_text(FILE)
    broken.write_text(FILE + "  - {name: bad}\n")
    async with shelf(tmp_path) as kept:
        await alert_changes.applied(kept.settings, file, Said().output, prune=False, dry_run=True, yes=False)
        with pytest.raises(InvalidFields):
            await alert_changes.applied(
                kept.settings, broken, Said().output, prune=False, dry_run=False, yes=True
            )

    assert kept.alerts == {}


async def test_what_is_exported_can_be_applied_and_changes_nothing(tmp_path):
    async with shelf(tmp_path) as kept:
        kept.put(name="a", rearm={"level": None, "percent": 0.5}, cooldown_seconds=0.0)
        kept.put(name="b", symbols=["BTC/USDT", "ETH/USDT"], tags=["x"])
        kept.put(name="c", watchlist="majors")
        said, again = Said(), Said(as_json=True)
        await alert_changes.exported(kept.settings, said.output)
        file = tmp_path / "alerts.yaml"
        file.write_text(said.out)
        await alert_changes.applied(kept.settings, file, again.output, prune=False, dry_run=False, yes=True)

    assert json.loads(again.out)["applied"] == 0
    assert yaml.safe_load(said.out)["alerts"][0] == {
        "name": "a", "symbol": "BTC/USDT", "condition": "price > 1", "cooldown_seconds": 0,
        "rearm": {"percent": 0.5},
    }  # fmt: skip


async def test_what_leaves_the_file_is_removed_and_what_a_hand_changed_is_called_so(tmp_path):
    file, how = tmp_path / "alerts.yaml", {"prune": False, "dry_run": False, "yes": True}

    async def planned(settings):
        said, text = Said(as_json=True), Said()
        await alert_changes.plan_shown(settings, file, 30, said.output, prune=False)
        await alert_changes.plan_shown(settings, file, 30, text.output, prune=False)
        told = {each["name"]: (each["action"], each["drifted"]) for each in json.loads(said.out)["steps"]}
        return told, text.out

    async with open_house(tmp_path) as house, house.owner() as client:
        settings = house.app.settings
        await client.post("/api/alerts", json={"name": "by hand", "symbol": "BTC", "condition": "price > 3"})
        file.write_text(FILE)
        await alert_changes.applied(settings, file, Said().output, **how)
        await client.patch("/api/alerts/same", json={"condition": "price > 2"})
        file.write_text("".join(line for line in FILE.splitlines(True) if "name: other" not in line))
        plan, shown = await planned(settings)
        await alert_changes.applied(settings, file, Said().output, **how)
        left = {each["name"]: each for each in (await client.get("/api/alerts")).json()["alerts"]}
        settled, _ = await planned(settings)

    assert plan == {
        "new": ("unchanged", False), "same": ("change", True), "other": ("remove", False),
        "by hand": ("keep", False),
    }  # fmt: skip
    assert "~ same  (change, changed elsewhere since)" in shown
    assert "- other  (remove)" in shown
    assert {name: each["source"] for name, each in left.items()} == {
        "by hand": "api", "new": "yaml", "same": "yaml",
    }  # fmt: skip
    assert left["same"]["condition"] == "price > 1"
    assert settled == {
        "new": ("unchanged", False), "same": ("unchanged", False), "by hand": ("keep", False)
    }  # fmt: skip
