"""`audit`: who did what to what, and whether the log of it is whole."""

from typing import Annotated

import typer

from crypto_portfolio_analyzer.cli.groups import described, group
from crypto_portfolio_analyzer.cli.session import Json, at_server, settled

command = group(
    "The audit log: who did what to what.",
    "audit list --since 1d",
    "audit list --action login --actor anna",
    "audit verify",
)


@described(command, "audit list", "audit list --action alert.deleted --since 7d --json", name="list")
def list_(
    context: typer.Context,
    *,
    actor: Annotated[str | None, typer.Option(help="Only what they did.", metavar="NAME")] = None,
    action: Annotated[
        str | None, typer.Option(help="Only this: alert.deleted, or alert for all of them.", metavar="TEXT")
    ] = None,
    subject: Annotated[str | None, typer.Option(help="Only what was done to this.", metavar="ID")] = None,
    since: Annotated[
        str | None, typer.Option(help="From then on: ISO 8601, or 2h for two hours ago.", metavar="TEXT")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest.")] = 50,
    as_json: Json = False,
) -> None:
    """List what was done, newest first."""
    from crypto_portfolio_analyzer.cli.audit_calls import listed

    settings, output = settled(context, as_json=as_json)
    query = {"actor": actor, "action": action, "subject": subject}
    at_server(settings, output, lambda at: listed(at, query, since, limit, output))


@described(command, "audit verify", "audit verify --json")
def verify(context: typer.Context, as_json: Json = False) -> None:
    """Walk along the whole chain of entries; exit 1 if one was changed, removed or put in."""
    from crypto_portfolio_analyzer.cli.audit_calls import verified

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: verified(at, output))
