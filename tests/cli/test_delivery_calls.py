"""Deliveries through a real server: listed, shown by their number, sent again one by one or by the span."""

import csv
import io
import json
from typing import Any

import pytest
import pytest_asyncio
import typer

from crypto_portfolio_analyzer.cli import delivery_calls
from crypto_portfolio_analyzer.cli.client import Client
from crypto_portfolio_analyzer.cli.delivery_calls import Wish
from crypto_portfolio_analyzer.cli.failures import FAILED, MISUSED, NOT_FOUND, Failed
from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from tests.api.house import open_house
from tests.api.routes.conftest import LOOPBACK
from tests.api.routes.test_channels import make_channel
from tests.api.routes.test_deliveries import sent
from tests.cli.shelf import Said

FLAGS = {"anyway": False, "dry_run": False, "yes": True}


class Scene:
    """A server that has told a receiver three times, in vain."""

    def __init__(
        self, settings: Any, client: Any, receiver: WebhookReceiver, every: list[dict[str, Any]]
    ) -> None:
        self.settings, self.client, self.receiver, self.every = settings, client, receiver, every


@pytest_asyncio.fixture
async def scene(tmp_path):
    """Three dead deliveries, newest first, and a receiver that would take them now."""
    async with (
        WebhookReceiver() as receiver,
        open_house(tmp_path, **LOOPBACK) as house,
        house.owner() as client,
    ):
        receiver.always = Misbehaviour(Bad.STATUS, 410)
        await make_channel(client, receiver, default=True)
        every = await sent(client, house, 3)
        receiver.always = None
        await client.patch("/api/channels/bot", json={"enabled": True})
        yield Scene(house.app.settings, client, receiver, every)


async def asked(work, settings, *arguments, **options):
    """Run a command's work; return the document it prints."""
    said = Said(as_json=True)
    await work(settings, *arguments, said.output, **options)
    return json.loads(said.out)


async def test_deliveries_are_listed_by_what_is_wished_and_shown_by_number(scene):
    every = (await asked(delivery_calls.listed, scene.settings, Wish(), 50))["deliveries"]
    bots = await asked(delivery_calls.listed, scene.settings, Wish(channel="bot", since="1h"), 2)
    later = await asked(delivery_calls.listed, scene.settings, Wish(states=("dead", "queued"), until="1h"), 9)
    one = await asked(delivery_calls.shown, scene.settings, str(every[0]["number"]))
    same = await asked(delivery_calls.shown, scene.settings, every[0]["id"])

    told = {each["id"] for each in every if each["kind"] == "firing"}
    assert told == {each["id"] for each in scene.every}
    assert [each["number"] for each in bots["deliveries"]] == [each["number"] for each in every[:2]]
    assert later["deliveries"] == []
    assert one == same
    assert one["attempt_log"][0]["status"] == 410


async def test_deliveries_are_exported_as_csv(scene, monkeypatch):
    monkeypatch.setattr(delivery_calls, "MOST_EXPORTED", 2)
    said = Said()
    await delivery_calls.exported(scene.settings, Wish(), said.output)

    head, *rows = csv.reader(io.StringIO(said.out))
    assert [dict(zip(head, row, strict=True))["state"] for row in rows] == ["dead", "dead"]
    assert "the newest 2" in said.err


async def test_a_number_nobody_has_is_not_found(scene):
    with pytest.raises(Failed) as refusal:
        await delivery_calls.shown(scene.settings, "987654", Said().output)

    assert refusal.value.problem.exit_code == NOT_FOUND


async def test_one_is_sent_again_by_its_number(scene):
    number = str(scene.every[0]["number"])
    told = await asked(delivery_calls.redelivered, scene.settings, [number], Wish(), flags=FLAGS)
    await scene.receiver.wait(4)

    assert told["ids"] == [scene.every[0]["id"]]


async def test_a_span_is_sent_again_oldest_first_after_a_dry_run(scene, monkeypatch):
    monkeypatch.setattr(delivery_calls, "BLOCK", 2)
    wish = Wish(channel="bot", states=("dead",))
    dry = await asked(delivery_calls.redelivered, scene.settings, [], wish, flags=FLAGS | {"dry_run": True})
    before = len(scene.receiver.received)
    said = Said()
    await delivery_calls.redelivered(scene.settings, [], wish, said.output, flags=FLAGS)
    await scene.receiver.wait(before + 3)
    again = await asked(delivery_calls.redelivered, scene.settings, [], wish, flags=FLAGS)

    assert (dry["found"], dry["redelivered"], dry["dry_run"]) == (3, 0, True)
    assert said.out == "3 of 3 are sent again, under their old keys\n"
    assert "sending again: 100 %" in said.err
    assert again["found"] == 0


async def test_a_span_asks_before_it_is_sent_again(scene):
    wish = Wish(channel="bot", states=("dead",))
    with pytest.raises(Failed, match="sends 3 deliveries again") as refusal:
        await delivery_calls.redelivered(
            scene.settings, [], wish, Said().output, flags=FLAGS | {"yes": False}
        )

    assert refusal.value.problem.exit_code == MISUSED


async def test_the_law_is_told_and_a_broken_one_is_exit_1(scene, monkeypatch):
    said = Said()
    await delivery_calls.law_told(scene.settings, said.output)

    async def broken(*_: object) -> dict[str, Any]:
        law = {"channel_id": "", "told": 1, "states": {}, "broken": ["f0: stored with 1, has 0"]}
        return {"holds": False, "channels": [law]}

    monkeypatch.setattr(Client, "get", broken)
    with pytest.raises(typer.Exit) as end:
        await delivery_calls.law_told(scene.settings, Said(as_json=True).output)

    assert said.out.splitlines()[1].split()[:3] == ["bot", "3", "3"]
    assert said.out.endswith("every firing that was to be told is in exactly one state\n")
    assert end.value.exit_code == FAILED


@pytest.mark.parametrize(
    ("texts", "wish"), [([], Wish()), ([], Wish(states=("dead",))), (["1"], Wish(since="1h"))]
)
def test_nothing_and_everything_twice_over_are_not_sent_again(texts, wish):
    with pytest.raises(Failed) as refusal:
        delivery_calls.check_wish(texts, wish)

    assert refusal.value.problem.exit_code == MISUSED
