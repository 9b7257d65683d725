"""`token`: what programs come in with."""

from typing import Annotated

import typer

from crypto_portfolio_analyzer.cli.groups import described, group
from crypto_portfolio_analyzer.cli.session import Json, at_server, settled

command = group(
    "API tokens: what programs come in with.",
    "token create grafana --scope read --expires 90d",
    "token list",
    "token revoke grafana",
)

User = Annotated[str, typer.Option(help="Whose token.", metavar="NAME")]


@described(
    command,
    "token create grafana --scope market:read --scope alerts:read",
    "token create robot --scope write --user anna --expires never --json",
)
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is for.", metavar="NAME", show_default=False)],
    *,
    scope: Annotated[
        list[str] | None,
        typer.Option(help="read, write, admin, AREA:read or AREA:write; again for more.", metavar="SCOPE"),
    ] = None,
    expires: Annotated[str, typer.Option(help="90d for in ninety days, or never.", metavar="TEXT")] = "90d",
    user: User = "admin",
    as_json: Json = False,
) -> None:
    """Make a token and print it, this once; it never reaches farther than its user's role."""
    from crypto_portfolio_analyzer.cli.token_calls import created, days_of

    settings, output = settled(context, as_json=as_json)
    asked = {"name": name, "scopes": scope or ["read"], "expires_in_days": days_of(expires)}
    at_server(settings, output, lambda at: created(at, user, asked, output))


@described(command, "token list", "token list --user anna --json", name="list")
def list_(context: typer.Context, *, user: User = "admin", as_json: Json = False) -> None:
    """List somebody's tokens, without what opens doors."""
    from crypto_portfolio_analyzer.cli.token_calls import listed

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: listed(at, user, output))


@described(command, "token revoke grafana", "token revoke 7kq2 --user anna --yes")
def revoke(
    context: typer.Context,
    token: Annotated[
        str, typer.Argument(help="Id, the beginning of one, or name.", metavar="TOKEN", show_default=False)
    ],
    *,
    user: User = "admin",
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    as_json: Json = False,
) -> None:
    """End a token at once."""
    from crypto_portfolio_analyzer.cli.token_calls import revoked

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: revoked(at, user, token, output, yes=yes))
