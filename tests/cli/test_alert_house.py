"""Alerts without a running server: changed in the database, judged by the next server that starts."""

import json

import pytest

from crypto_portfolio_analyzer.api.serverfile import SERVER_FILE
from crypto_portfolio_analyzer.cli import alert_answers, alert_changes
from crypto_portfolio_analyzer.cli.alert_house import at_server, opened_house
from crypto_portfolio_analyzer.cli.failures import Failed
from tests.api.house import open_house, settings_in, until
from tests.cli.shelf import Said, shelf

ASKED = {"name": "above", "symbol": "BTC", "condition": "price > 60000", "trigger": "once"}


async def asked_at(settings, work, *arguments, **options):
    """Run a command's work as without a server; return what it said."""
    said = Said(as_json=True)
    await at_server(settings, said.output, lambda at: work(at, *arguments, said.output, **options))
    return json.loads(said.out), said.err


async def test_what_was_changed_without_a_server_is_judged_by_the_next_one(tmp_path):
    settings = settings_in(tmp_path)
    made, note = await asked_at(settings, alert_changes.added, dict(ASKED))
    await asked_at(settings, alert_changes.added, {**ASKED, "name": "paused"})
    await asked_at(settings, alert_changes.switched, "paused", "pause")
    await asked_at(settings, alert_changes.edited, "above", {"message": "look"})
    listed, _ = await asked_at(settings, alert_answers.listed, {})

    assert "no server runs: nothing is judged or sent until one starts" in note
    assert {each["name"]: each["enabled"] for each in listed["alerts"]} == {"above": True, "paused": False}
    async with open_house(tmp_path) as house, house.owner() as client:
        house.tick("BTC/USDT", 61_000.0)

        async def fired():
            return (await client.get("/api/firings")).json()["firings"]

        firings = await until(fired)
    assert [(each["alert_id"], each["message"]) for each in firings] == [(made["id"], "look")]


async def test_every_question_is_answered_without_a_server(tmp_path):
    settings = settings_in(tmp_path)
    made, _ = await asked_at(settings, alert_changes.added, dict(ASKED))
    silence, _ = await asked_at(settings, alert_changes.silenced, {"name": "above"}, "1h", "")

    assert (await asked_at(settings, alert_answers.shown, "above"))[0]["source"] == "cli"
    assert (await asked_at(settings, alert_answers.explained, "above"))[0]["alert_id"] == made["id"]
    assert (await asked_at(settings, alert_answers.fired, None, {}, 5))[0] == {"firings": []}
    assert (await asked_at(settings, alert_answers.silences_listed))[0]["silences"][0]["id"] == silence["id"]
    assert (await asked_at(settings, alert_changes.silence_ended, silence["id"]))[0]["ended"]
    assert (await asked_at(settings, alert_changes.exported))[0]["alerts"][0]["name"] == "above"
    await asked_at(settings, alert_changes.removed, "above", yes=True)
    assert (await asked_at(settings, alert_answers.listed, {}))[0] == {"alerts": []}


async def test_a_file_is_planned_and_applied_without_a_server(tmp_path):
    settings, file = settings_in(tmp_path), tmp_path / "alerts.yaml"
    file.write_text("version: 1\nalerts:\n  - {name: a, symbol: BTC, condition: price > 5}\n")
    how = {"prune": False, "dry_run": False, "yes": True}

    planned, _ = await asked_at(settings, alert_changes.plan_shown, file, 30, prune=False)
    applied, _ = await asked_at(settings, alert_changes.applied, file, **how)
    again, _ = await asked_at(settings, alert_changes.applied, file, **how)

    assert [(each["action"], each["fired_after"]) for each in planned["steps"]] == [("create", None)]
    assert (applied["applied"], again["applied"]) == (1, 0)


async def test_the_server_that_runs_is_asked_rather_than_the_database(tmp_path):
    async with shelf(tmp_path) as kept:
        kept.put(name="kept")
        told, note = await asked_at(kept.settings, alert_answers.listed, {})

    assert [each["name"] for each in told["alerts"]] == ["kept"]
    assert note == ""


async def test_nobody_takes_the_house_for_the_server_and_no_feed_runs(tmp_path):
    settings = settings_in(tmp_path)
    async with opened_house(settings) as inside:
        assert (inside.data_dir / SERVER_FILE).exists()
        assert not (tmp_path / SERVER_FILE).exists()
        with pytest.raises(Failed, match="no server is running"):
            await alert_answers.tested(settings, "above", Said().output, send=False)

    assert not inside.data_dir.exists()
