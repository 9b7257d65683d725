"""The audit log of a server: listed and checked."""

from collections.abc import Mapping

import typer

from crypto_portfolio_analyzer.cli.alert_calls import pages, server_of
from crypto_portfolio_analyzer.cli.alert_views import when
from crypto_portfolio_analyzer.cli.delivery_calls import given_instant
from crypto_portfolio_analyzer.cli.output import Column, Output, safe
from crypto_portfolio_analyzer.settings import Settings, clock_of

COLUMNS = (
    Column("WHEN"),
    Column("WHO"),
    Column("WHAT"),
    Column("TO", weight=8),
    Column("DETAILS", weight=3),
)
PATIENCE = 600.0
"""Seconds that a walk along a long chain may take."""
_PATH = "/api/audit"


async def listed(
    settings: Settings, wanted: Mapping[str, str | None], since: str | None, most: int, output: Output
) -> None:
    """List entries, newest first."""
    now = clock_of(settings).now()
    given = {**wanted, "since": given_instant(since, now)}
    query: dict[str, str | int] = {name: text for name, text in given.items() if text is not None}
    found = await pages(server_of(settings), _PATH, "entries", query, most)
    if output.as_json:
        output.document({"entries": found})
        return
    rows = [
        [
            when(each["at"], now, settings.language),
            each["actor"],
            each["action"],
            each["subject"],
            ", ".join(f"{name}={value}" for name, value in each["details"].items()),
        ]
        for each in found
    ]
    output.table(COLUMNS, rows) if rows else output.say("nothing of that kind was done")


async def verified(settings: Settings, output: Output) -> None:
    """Check the chain; raises Exit (1) if it is broken."""
    told = await server_of(settings).send("GET", f"{_PATH}/verify", patience=PATIENCE)
    if output.as_json:
        output.document(told)
    elif told["ok"]:
        output.say(
            f"the audit log is whole: {told['entries']} chained entries, head {(told['head'] or '-')[:16]}"
        )
    else:
        output.say(safe(f"the audit log is broken at entry {told['broken_at']}: {told['problem']}"))
        output.note(f"{told['entries']} entries before it are sound. Next: crypto-analyzer db backup FILE")
    if told["earlier"] and not output.as_json:
        output.note(f"{told['earlier']} entries are older than the chain, which begins after them.")
    if not told["ok"]:
        raise typer.Exit(1)
