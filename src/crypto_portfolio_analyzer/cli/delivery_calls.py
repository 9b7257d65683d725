"""Deliveries of a server: listed, shown attempt by attempt, sent again."""

from collections.abc import Mapping, Sequence
from typing import Any

import typer
from msgspec import Struct

from crypto_portfolio_analyzer.cli.alert_calls import pages, server_of
from crypto_portfolio_analyzer.cli.asking import confirmed
from crypto_portfolio_analyzer.cli.channel_calls import found_channel
from crypto_portfolio_analyzer.cli.client import Client
from crypto_portfolio_analyzer.cli.delivery_views import (
    deliveries_csv,
    show_deliveries,
    show_delivery,
    show_law,
)
from crypto_portfolio_analyzer.cli.failures import FAILED, MISUSED, NOT_FOUND, Failed
from crypto_portfolio_analyzer.cli.output import Output
from crypto_portfolio_analyzer.core.notices.exact import iso
from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.settings import Settings, clock_of

BLOCK = 50
"""Deliveries sent again with one request."""
MOST_EXPORTED = 100_000
PATIENCE = 60.0
_PATH = "/api/deliveries"
_LIST = "crypto-analyzer deliveries list"


class Wish(Struct, frozen=True, kw_only=True):
    """Which deliveries are meant; what is None was not said."""

    channel: str | None = None
    firing: str | None = None
    alert: str | None = None
    states: Sequence[str] = ()
    kind: str | None = None
    since: str | None = None
    until: str | None = None


async def listed(settings: Settings, wish: Wish, most: int, output: Output, *, as_csv: bool = False) -> None:
    """List deliveries, newest first."""
    client = server_of(settings)
    found = await _deliveries(client, settings, wish, most)
    if output.as_json:
        output.document({"deliveries": found})
    else:
        show_deliveries(found, output, clock_of(settings).now(), settings.language)


async def exported(settings: Settings, wish: Wish, output: Output) -> None:
    """Print deliveries as CSV, newest first."""
    found = await _deliveries(server_of(settings), settings, wish, MOST_EXPORTED)
    output.say(deliveries_csv(found))
    if len(found) == MOST_EXPORTED:
        output.note(f"the newest {MOST_EXPORTED}; give --until for what was before")


async def shown(settings: Settings, text: str, output: Output) -> None:
    """Show one delivery with its attempts."""
    client = server_of(settings)
    told = await client.get(f"{_PATH}/{await _id(client, text)}")
    if output.as_json:
        output.document(told)
    else:
        show_delivery(told, output, clock_of(settings).now(), settings.language)


async def redelivered(
    settings: Settings, texts: Sequence[str], wish: Wish, output: Output, *, flags: Mapping[str, bool]
) -> None:
    """Send deliveries again, those named or those wished for, oldest first; `flags` are anyway, dry_run and yes."""
    client = server_of(settings)
    named = [await _id(client, text) for text in texts]
    ids = named or [each["id"] for each in reversed(await _deliveries(client, settings, wish, None))]
    if flags["dry_run"] or not ids:
        _tell(output, {"redelivered": 0, "ids": [], "found": len(ids), "dry_run": flags["dry_run"]})
        return
    if not named and not confirmed(output, f"sends {len(ids)} deliveries again", yes=flags["yes"]):
        return
    done = await _send_again(client, ids, output, anyway=flags["anyway"])
    _tell(output, {"redelivered": len(done), "ids": done, "found": len(ids), "dry_run": False})


async def law_told(settings: Settings, output: Output) -> None:
    """Check that every firing that was to be told is in exactly one state; exit 1 if not."""
    client = server_of(settings)
    told = await client.get(f"{_PATH}/law")
    if output.as_json:
        output.document(told)
    else:
        names = {each["id"]: each["name"] for each in (await client.get("/api/channels"))["channels"]}
        show_law(told, names, output)
    if not told["holds"]:
        raise typer.Exit(FAILED)


async def _send_again(client: Client, ids: Sequence[str], output: Output, *, anyway: bool) -> list[str]:
    from crypto_portfolio_analyzer.cli.tapes import progress

    done: list[str] = []
    blocks = [ids[start : start + BLOCK] for start in range(0, len(ids), BLOCK)]
    with progress(output, "sending again") as tell:
        for number, block in enumerate(blocks, start=1):
            body = {"ids": list(block), "anyway": anyway}
            told = await client.send("POST", f"{_PATH}/redeliver", body, patience=PATIENCE)
            done += told["ids"]
            if len(blocks) > 1:
                tell(number / len(blocks))
    return done


def _tell(output: Output, told: Mapping[str, Any]) -> None:
    if output.as_json:
        output.document(told)
    elif told["dry_run"]:
        output.say(f"{told['found']} deliveries would be sent again: a dry run")
    elif not told["found"]:
        output.say("nothing is like that")
        output.note(f"Next: {_LIST}")
    else:
        output.say(f"{told['redelivered']} of {told['found']} are sent again, under their old keys")
        output.note(f"Next: {_LIST} --state queued --state retry_wait")


async def _id(client: Client, text: str) -> str:
    """Return the id of the delivery that an id, or a number as the list shows it, means; raises Failed."""
    if not text.isdigit():
        return text
    page = await client.get(_PATH, {"cursor": int(text) + 1, "limit": 1})
    if [each["number"] for each in page["deliveries"]] != [int(text)]:
        raise Failed(f"no delivery {text}", _LIST, exit_code=NOT_FOUND)
    return str(page["deliveries"][0]["id"])


async def _deliveries(
    client: Client, settings: Settings, wish: Wish, most: int | None
) -> list[dict[str, Any]]:
    """Return what is wished for, newest first; of several states those of each, by number."""
    query: dict[str, str | int] = {}
    now = clock_of(settings).now()
    if wish.channel is not None:
        query["channel_id"] = (await found_channel(client, wish.channel))["id"]
    query |= {
        name: text
        for name, text in (
            ("firing_id", wish.firing),
            ("alert_id", wish.alert),
            ("kind", wish.kind),
            ("since", given_instant(wish.since, now)),
            ("until", given_instant(wish.until, now)),
        )
        if text is not None
    }
    found = [
        each
        for state in wish.states or (None,)
        for each in await pages(
            client, _PATH, "deliveries", query | ({"state": state} if state else {}), most
        )
    ]
    return sorted(found, key=lambda each: int(each["number"]), reverse=True)[:most]


def given_instant(text: str | None, now: int) -> str | None:
    """Return an instant as the API reads it; a duration like 2h is so long ago."""
    if text is None:
        return None
    from crypto_portfolio_analyzer.engine.drafts import duration_of

    try:
        return iso(now - duration_of(text))
    except InvalidInput:
        return text


def check_wish(texts: Sequence[str], wish: Wish) -> None:
    """Refuse to send again what nobody named, and what was named twice over; raises Failed (2)."""
    is_wide = any(each is not None for each in (wish.channel, wish.since, wish.until))
    if bool(texts) == is_wide:
        fix = "name numbers of `crypto-analyzer deliveries list`, or a span: --channel bot --since 2h"
        raise Failed(
            "nothing to send again" if not texts else "both names and a span", fix, exit_code=MISUSED
        )
