"""API tokens of a server's users: made, listed, revoked."""

import re
from collections.abc import Mapping
from typing import Any

import typer

from crypto_portfolio_analyzer.cli.alert_calls import server_of, short_ids
from crypto_portfolio_analyzer.cli.asking import confirmed
from crypto_portfolio_analyzer.cli.client import Client
from crypto_portfolio_analyzer.cli.failures import MISUSED, Failed
from crypto_portfolio_analyzer.cli.finding import one_of
from crypto_portfolio_analyzer.cli.output import Column, Output, safe
from crypto_portfolio_analyzer.cli.user_calls import user_path
from crypto_portfolio_analyzer.settings import Settings

COLUMNS = (
    Column("ID"),
    Column("NAME"),
    Column("SCOPES", weight=8),
    Column("MADE", weight=3),
    Column("ENDS", weight=6),
    Column("LAST USED", weight=5),
)
NEVER = "never"
_DAYS = re.compile(r"([1-9][0-9]{0,3})d")


def days_of(text: str) -> int | None:
    """Return in how many days a token ends; None for `never`. Raises Failed (2)."""
    if text.strip().lower() == NEVER:
        return None
    found = _DAYS.fullmatch(text.strip().lower())
    if found is None:
        raise Failed(
            f"--expires is no number of days: {text[:40]!r}", "write 90d, or never", exit_code=MISUSED
        )
    return int(found[1])


async def created(settings: Settings, user: str, asked: Mapping[str, Any], output: Output) -> None:
    """Make a token; it is printed this once, alone on standard output."""
    made = await server_of(settings).send("POST", user_path(user, "tokens"), asked)
    if output.as_json:
        output.document(made)
        return
    ends = "until it is revoked" if made["expires_at"] is None else f"until {made['expires_at']}"
    output.say(safe(made["token"]))
    output.note(safe(f"{made['name']} acts for {user} ({', '.join(made['scopes'])}) {ends}."))
    output.note("Keep it safely: it is not shown again.")


async def listed(settings: Settings, user: str, output: Output) -> None:
    """List somebody's tokens."""
    tokens = await _tokens(server_of(settings), user)
    if output.as_json:
        output.document({"tokens": tokens})
        return
    if not tokens:
        output.say(safe(f"{user} has no tokens"))
        output.note("Next: crypto-analyzer token create NAME --scope read")
        return
    ids = short_ids(tokens)
    output.table(
        COLUMNS,
        [
            [
                ids[each["id"]],
                each["name"],
                ", ".join(each["scopes"]),
                each["created_at"][:10],
                (each["expires_at"] or NEVER)[:10],
                (each["last_used_at"] or NEVER)[:16],
            ]
            for each in tokens
        ],
    )


async def revoked(settings: Settings, user: str, text: str, output: Output, *, yes: bool) -> None:
    """End a token, once somebody has said so."""
    client = server_of(settings)
    look = f"crypto-analyzer token list --user {user}"
    token = one_of(await _tokens(client, user), text, "token", look)
    if not confirmed(output, f"ends the token {token['name']} of {user} for good", yes=yes):
        raise typer.Exit(1)
    await client.send("DELETE", user_path(user, "tokens", token["id"]))
    if output.as_json:
        output.document({"id": token["id"], "revoked": True})
    else:
        output.say(safe(f"{token['name']} opens nothing any more"))


async def _tokens(client: Client, user: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(user_path(user, "tokens")))["tokens"]
    return found
