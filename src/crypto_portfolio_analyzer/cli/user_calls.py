"""Accounts of a server: added, listed, changed, let in."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import typer

from crypto_portfolio_analyzer.api.serverfile import find_server
from crypto_portfolio_analyzer.cli.alert_calls import server_of
from crypto_portfolio_analyzer.cli.asking import confirmed
from crypto_portfolio_analyzer.cli.failures import MISUSED, Failed
from crypto_portfolio_analyzer.cli.output import Column, Output, safe
from crypto_portfolio_analyzer.core.formats import UNKNOWN
from crypto_portfolio_analyzer.settings import Settings

COLUMNS = (
    Column("NAME"),
    Column("ROLE"),
    Column("STATE", weight=8),
    Column("PASSWORD", weight=5),
    Column("SECOND FACTOR", weight=4),
    Column("SINCE", weight=3),
)
PATIENCE = 20.0
"""Seconds that a server may take to hash a password while others log in."""
_PATH = "/api/users"
_LONGEST = 1024


def user_path(name: str, *more: str) -> str:
    """Return the address of an account, or of something of it."""
    return "/".join([_PATH, *(quote(part, safe="") for part in (name, *more))])


async def added(outside: Settings, settings: Settings, name: str, role: str, output: Output) -> None:
    """Add an account; its link is printed this once. `outside` is where a server would run."""
    made = await server_of(settings).send("POST", _PATH, {"name": name, "role": role})
    made["login_url"] = _lasting(outside, made["login_url"])
    if output.as_json:
        output.document(made)
        return
    output.note(safe(f"{made['name']} is a {made['role']} and comes in once by this link:"))
    output.say(safe(made["login_url"]))
    output.note(safe(f"It is good until {made['login_expires_at']}. Hand it over safely."))


async def linked(outside: Settings, settings: Settings, name: str, output: Output) -> None:
    """Print a link that lets an account in once."""
    told = await server_of(settings).send("POST", user_path(name, "login-link"))
    told["login_url"] = _lasting(outside, told["login_url"])
    if output.as_json:
        output.document(told)
        return
    output.say(safe(told["login_url"]))
    output.note(safe(f"It is good once, until {told['expires_at']}. Hand it over safely."))


async def listed(settings: Settings, output: Output) -> None:
    """List accounts."""
    users = (await server_of(settings).get(_PATH))["users"]
    if output.as_json:
        output.document({"users": users})
        return
    output.table(COLUMNS, [_row(each) for each in users])
    output.note(
        f"{len(users)} account{'' if len(users) == 1 else 's'}.  Next: crypto-analyzer users add NAME"
    )


async def changed(
    settings: Settings, name: str, changes: Mapping[str, Any], output: Output, what: str, *, yes: bool
) -> None:
    """Change an account, once somebody has said so."""
    if not confirmed(output, what, yes=yes):
        raise typer.Exit(1)
    user = await server_of(settings).send("PATCH", user_path(name), changes)
    if output.as_json:
        output.document(user)
        return
    output.say(safe(f"{user['name']}: {user['role']}, {_state(user)}"))


async def password_set(settings: Settings, name: str, password: str, output: Output) -> None:
    """Give an account a password."""
    body = {"password": password}
    await server_of(settings).send("PUT", user_path(name, "password"), body, patience=PATIENCE)
    if output.as_json:
        output.document({"name": name, "has_password": True})
    else:
        output.say(safe(f"{name} has a new password; every login of theirs has ended"))


def given_password(name: str, *, from_stdin: bool) -> str:
    """Return a password typed twice without being shown, or the first line of standard input.

    Raises Failed if nobody is there to type.
    """
    if from_stdin:
        return sys.stdin.readline(_LONGEST).rstrip("\r\n")
    if not sys.stdin.isatty():
        fix = f"crypto-analyzer users password {name} --password-stdin < FILE"
        raise Failed("nobody is here to type a password", fix, exit_code=MISUSED)
    typed: str = typer.prompt(f"Password of {name}", hide_input=True, confirmation_prompt=True, err=True)
    return typed


def _lasting(outside: Settings, url: str) -> str:
    """Return a link as it will be good: what was asked may be a server only this command has opened."""
    if find_server(outside.data_dir) is not None:
        return url
    told = urlsplit(url)
    host = f"[{outside.host}]" if ":" in outside.host else outside.host
    base = str(outside.public_url or f"{_scheme(outside.tls_cert)}://{host}:{outside.port}")
    return f"{base.rstrip('/')}{told.path}?{told.query}"


def _scheme(certificate: Path | None) -> str:
    return "http" if certificate is None else "https"


def _row(user: Mapping[str, Any]) -> Sequence[str]:
    return [
        user["name"],
        user["role"],
        _state(user),
        "yes" if user["has_password"] else UNKNOWN,
        "yes" if user["totp"] else UNKNOWN,
        user["created_at"][:10],
    ]


def _state(user: Mapping[str, Any]) -> str:
    return "enabled" if user["disabled_at"] is None else f"disabled since {user['disabled_at'][:10]}"
