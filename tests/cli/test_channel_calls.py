"""Channels through a real server: made, tested, changed, and what is said of it."""

import json
from typing import Any

import pytest
import pytest_asyncio
import typer

from crypto_portfolio_analyzer.cli import alert_answers, channel_calls
from crypto_portfolio_analyzer.cli.alert_calls import server_of
from crypto_portfolio_analyzer.cli.channel_options import FIELDS
from crypto_portfolio_analyzer.cli.failures import FAILED, MISUSED, Failed
from crypto_portfolio_analyzer.errors import UnknownName
from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from tests.api.house import open_house
from tests.api.routes.conftest import LOOPBACK
from tests.cli.shelf import Said

NOTHING: dict[str, Any] = dict.fromkeys(FIELDS)


@pytest_asyncio.fixture
async def receiver():
    """Somebody who takes webhooks."""
    async with WebhookReceiver() as opened:
        yield opened


@pytest_asyncio.fixture
async def settings(tmp_path):
    """Settings of a server that runs, and may reach this machine."""
    async with open_house(tmp_path, **LOOPBACK) as house:
        yield house.app.settings


async def asked(work, settings, *arguments, **options):
    """Run a command's work; return the document it prints."""
    said = Said(as_json=True)
    await work(settings, *arguments, said.output, **options)
    return json.loads(said.out)


async def added(settings, receiver, **options):
    """Make a webhook channel whose secret the receiver knows."""
    made = await asked(
        channel_calls.added, settings, "webhook", NOTHING | {"url": receiver.hook_url} | options
    )
    receiver.secrets = [made["secret"]]
    return made


async def test_a_channel_is_made_under_the_name_of_its_type_and_listed(settings, receiver):
    said = Said()
    await channel_calls.added(settings, "webhook", NOTHING | {"url": receiver.hook_url}, said.output)
    second = await added(settings, receiver, default=True)
    listed = await asked(channel_calls.listed, settings)
    shown = await asked(channel_calls.shown, settings, "webhook 2")

    assert "secret  whsec_" in said.out
    assert "it is not shown again" in said.err
    assert said.err.splitlines()[-1].startswith("Next: crypto-analyzer channels test ")
    assert [each["name"] for each in listed["channels"]] == ["webhook", "webhook 2"]
    assert shown == {name: value for name, value in second.items() if name != "secret"}


async def test_a_test_that_arrives_is_exit_0_and_one_that_does_not_is_exit_1(settings, receiver):
    await added(settings, receiver, name="bot")
    said = Said()
    await channel_calls.tested(settings, "bot", said.output)
    receiver.always = Misbehaviour(Bad.STATUS, 410)
    failing = Said(as_json=True)
    with pytest.raises(typer.Exit) as end:
        await channel_calls.tested(settings, "bot", failing.output)

    assert "delivered" in said.out.splitlines()[0]
    assert end.value.exit_code == FAILED
    assert json.loads(failing.out)["attempt_log"][0]["status"] == 410


async def test_a_channel_is_edited_rotated_and_removed(settings, receiver):
    await added(settings, receiver, name="bot")
    edited = await asked(channel_calls.edited, settings, "bot", NOTHING | {"option": ["policy=trade"]})
    await asked(channel_calls.added, settings, "browser", NOTHING | {"name": "page"})
    held = await asked(channel_calls.edited, settings, "page", NOTHING | {"quiet_hours": "22:00-07:00"})
    rotated = await asked(channel_calls.rotated, settings, "bot")
    receiver.secrets = [rotated["secret"]]
    tested = await asked(channel_calls.tested, settings, "bot")
    removed = await asked(channel_calls.removed, settings, "bot", yes=True)
    await asked(channel_calls.removed, settings, "page", yes=True)
    said = Said()
    await channel_calls.listed(settings, said.output)

    assert (edited["trades"], edited["options"]["policy"]) == (True, "trade")
    assert held["options"]["quiet_hours"] == {"from": "22:00", "until": "07:00", "except": "critical"}
    assert tested["state"] == "delivered"
    assert removed["removed"] is True
    assert said.out.startswith("no channels yet")


async def test_what_cannot_be_done_says_what_would_be_right(settings, receiver):
    await added(settings, receiver, name="bot")
    with pytest.raises(UnknownName, match="did you mean 'webhook'"):
        await channel_calls.added(settings, "webhok", NOTHING, Said().output)
    with pytest.raises(Failed) as nothing:
        await channel_calls.edited(settings, "bot", NOTHING, Said().output)
    bad = NOTHING | {"option": ["policy=sometimes"]}
    with pytest.raises(Failed) as refused:
        await channel_calls.edited(settings, "bot", bad, Said().output)
    with pytest.raises(Failed, match="no channel 'nobody'"):
        await channel_calls.shown(settings, "nobody", Said().output)

    assert nothing.value.problem.exit_code == refused.value.problem.exit_code == MISUSED
    assert any(line.startswith("policy: ") for line in refused.value.problem.where)


async def test_types_are_listed_and_one_is_shown(settings):
    every = await asked(channel_calls.types_listed, settings, None)
    one = await asked(channel_calls.types_listed, settings, "webhook")
    with pytest.raises(UnknownName):
        await channel_calls.types_listed(settings, "pigeon", Said().output)

    assert {"webhook", "browser"} <= {each["name"] for each in every["types"]}
    assert [each["name"] for each in one["types"]] == ["webhook"]


async def test_a_telegram_account_is_linked_by_a_code(settings):
    told = await asked(channel_calls.linked, settings)
    said = Said()
    await channel_calls.linked(settings, said.output)

    assert told["code"]
    assert told["expires_at"]
    assert said.out.strip().startswith(("/start ", "https://t.me/"))


async def test_the_channels_of_an_alert_are_those_named_else_the_default_ones(settings, receiver):
    await added(settings, receiver, name="bot")
    client = server_of(settings)
    named = await channel_calls.try_channels(client, ["bot"])
    default = await channel_calls.try_channels(client, [])

    assert [each["state"] for each in named] == ["delivered"]
    assert default == []


async def test_an_alert_is_tried_with_its_channels_only_if_that_is_asked(settings, receiver):
    await added(settings, receiver, name="bot")
    client = server_of(settings)
    alert = {"name": "a", "symbol": "BTC", "condition": "price > 1", "channels": ["bot"]}
    await client.send("POST", "/api/alerts", alert)
    silent, said = Said(), Said()
    await alert_answers.tested(settings, "a", silent.output, send=False)
    await alert_answers.tested(settings, "a", said.output, send=True)
    document = await asked(alert_answers.tested, settings, "a", send=True)

    assert "alerts test" in silent.err
    assert "  bot: delivered" in said.out
    assert [each["channel"]["name"] for each in document["sent"]] == ["bot"]
    assert len(receiver.received) == 2
