"""Channels of a server: made, changed, tested, listed."""

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from crypto_portfolio_analyzer.cli.alert_calls import free_name, server_of
from crypto_portfolio_analyzer.cli.asking import confirmed
from crypto_portfolio_analyzer.cli.channel_options import fields, kinds_of
from crypto_portfolio_analyzer.cli.channel_views import (
    show_channel,
    show_channels,
    show_secret,
    show_types,
)
from crypto_portfolio_analyzer.cli.client import Client
from crypto_portfolio_analyzer.cli.delivery_views import show_delivery
from crypto_portfolio_analyzer.cli.failures import FAILED, MISUSED, Failed
from crypto_portfolio_analyzer.cli.finding import one_of
from crypto_portfolio_analyzer.cli.output import Output, safe
from crypto_portfolio_analyzer.errors import UnknownName
from crypto_portfolio_analyzer.settings import Settings, clock_of

TEST_PATIENCE = 40.0
"""Seconds that a test may take: a slow other end, and a first try again."""
_PATH = "/api/channels"
_LIST = "crypto-analyzer channels list"


async def all_channels(client: Client) -> list[dict[str, Any]]:
    """Return every channel of the owner, oldest first."""
    found: list[dict[str, Any]] = (await client.get(_PATH))["channels"]
    return found


async def found_channel(client: Client, text: str) -> dict[str, Any]:
    """Return the channel that an id, the beginning of one or a name means; raises Failed."""
    return one_of(await all_channels(client), text, "channel", _LIST)


async def added(settings: Settings, kind: str, options: Mapping[str, Any], output: Output) -> None:
    """Make a channel, under the name of its type if it has none; its secret is shown this once."""
    client = server_of(settings)
    types = (await client.get(f"{_PATH}/types"))["types"]
    if kind not in {each["name"] for each in types}:
        raise UnknownName("channel type", kind, [each["name"] for each in types])
    asked = {"type": kind} | fields(options, kinds_of(types, kind))
    if "name" not in asked:
        asked["name"] = free_name(kind, await all_channels(client))
    made = await client.send("POST", _PATH, asked)
    if output.as_json:
        output.document(made)
        return
    output.say(safe(f"{made['id'][:8]}  {made['type']}  {made['name']}"))
    show_secret(made, output)
    if not made["verified"]:
        output.note(
            safe(f"A question was sent there. Next: crypto-analyzer channels confirm {made['name']} CODE")
        )
        return
    output.note(safe(f"Next: crypto-analyzer channels test {made['id'][:8]}"))


async def listed(settings: Settings, output: Output) -> None:
    """List channels."""
    channels = await all_channels(server_of(settings))
    if output.as_json:
        output.document({"channels": channels})
    else:
        show_channels(channels, output, clock_of(settings).now(), settings.language)


async def shown(settings: Settings, text: str, output: Output) -> None:
    """Show one channel."""
    channel = await found_channel(server_of(settings), text)
    if output.as_json:
        output.document(channel)
    else:
        show_channel(channel, output, clock_of(settings).now(), settings.language)


async def edited(settings: Settings, text: str, options: Mapping[str, Any], output: Output) -> None:
    """Change what is given of a channel."""
    client = server_of(settings)
    channel = await found_channel(client, text)
    asked = fields(options, kinds_of((await client.get(f"{_PATH}/types"))["types"], channel["type"]))
    if not asked:
        raise Failed("nothing to change", "crypto-analyzer channels edit --help", exit_code=MISUSED)
    changed = await client.send("PATCH", f"{_PATH}/{channel['id']}", asked)
    if output.as_json:
        output.document(changed)
    else:
        show_channel(changed, output, clock_of(settings).now(), settings.language)


async def removed(settings: Settings, text: str, output: Output, *, yes: bool) -> None:
    """Forget a channel, once somebody has said so."""
    client = server_of(settings)
    channel = await found_channel(client, text)
    what = f"forgets {channel['name']} ({channel['type']}) and cancels what waits for it"
    if not confirmed(output, what, yes=yes):
        return
    await client.send("DELETE", f"{_PATH}/{channel['id']}")
    if output.as_json:
        output.document({"id": channel["id"], "removed": True})
    else:
        output.say(safe(f"{channel['name']} is forgotten"))


async def rotated(settings: Settings, text: str, output: Output) -> None:
    """Give a channel a new signing secret; the old one goes on for a day."""
    client = server_of(settings)
    channel = await found_channel(client, text)
    made = await client.send("POST", f"{_PATH}/{channel['id']}/rotate")
    if output.as_json:
        output.document(made)
    else:
        show_secret(made, output)
        output.note("the old secret goes on signing beside it for a day")


async def tested(settings: Settings, text: str, output: Output) -> None:
    """Send a test by the real path; exit 1 unless it was accepted."""
    client = server_of(settings)
    channel = await found_channel(client, text)
    told = await client.send("POST", f"{_PATH}/{channel['id']}/test", patience=TEST_PATIENCE)
    if output.as_json:
        output.document(told)
    else:
        show_delivery(told, output, clock_of(settings).now(), settings.language)
    if told["state"] != "delivered":
        raise typer.Exit(FAILED)


async def try_channels(client: Client, named: Sequence[str]) -> list[dict[str, Any]]:
    """Send a test to each of some channels, by id or name, to the default ones without any; return the deliveries."""
    chosen = [
        each
        for each in await all_channels(client)
        if (each["id"] in named or each["name"] in named or (not named and each["default"]))
    ]
    return [
        await client.send("POST", f"{_PATH}/{each['id']}/test", patience=TEST_PATIENCE) for each in chosen
    ]


async def proven(settings: Settings, text: str, code: str, output: Output) -> None:
    """Take the code that was sent to a channel's other end."""
    client = server_of(settings)
    channel = await found_channel(client, text)
    told = await client.send("POST", f"{_PATH}/{channel['id']}/confirm", {"code": code})
    if output.as_json:
        output.document(told)
    elif told["verified"]:
        output.say(safe(f"{told['name']} is confirmed"))
        output.note(safe(f"Next: crypto-analyzer channels test {told['id'][:8]}"))
    else:
        output.say(safe(f"a new code was sent to {told['name']}"))


async def types_listed(settings: Settings, kind: str | None, output: Output) -> None:
    """List the types of channels; of one, its options."""
    told = await server_of(settings).get(f"{_PATH}/types")
    names = [each["name"] for each in told["types"]]
    if kind is not None and kind not in names:
        raise UnknownName("channel type", kind, names)
    chosen = [each for each in told["types"] if kind in (None, each["name"])]
    if output.as_json:
        output.document({"types": chosen})
    else:
        show_types(chosen, output, is_one=kind is not None)


async def linked(settings: Settings, output: Output) -> None:
    """Make a code that links a Telegram account."""
    told = await server_of(settings).send("POST", f"{_PATH}/telegram/link")
    if output.as_json:
        output.document(told)
        return
    output.say(safe(told["url"] or f"/start {told['code']}"))
    where = "open it on the phone" if told["url"] else "send it to the bot"
    output.note(safe(f"{where}, before {told['expires_at'][11:16]} UTC; it is good once"))


async def resealed(settings: Settings, output: Output) -> None:
    """Seal every secret of channels and second factors anew under the first key, straight on the database."""
    from crypto_portfolio_analyzer.app import sealing_of
    from crypto_portfolio_analyzer.storage.database import Database
    from crypto_portfolio_analyzer.storage.delivery import DeliveryStore
    from crypto_portfolio_analyzer.storage.schema import upgrade
    from crypto_portfolio_analyzer.storage.second_factor import SecondFactorStore

    database = Database(settings.database_url)
    await upgrade(settings.database_url)
    await database.start()
    try:
        sealing = sealing_of(settings)
        count = await DeliveryStore(database, sealing).reseal()
        factors = await SecondFactorStore(database, sealing).reseal()
    finally:
        await database.stop()
    if output.as_json:
        output.document({"resealed": count, "second_factors": factors})
        return
    output.say(f"{count} channels and {factors} second factors are sealed with the first key")
    output.note("keys after the first prove older entries of the audit log; without them it reads as changed")
