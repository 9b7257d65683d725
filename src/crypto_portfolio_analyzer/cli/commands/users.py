"""`users`: who may come in, and what they may do."""

from typing import Annotated

import typer

from crypto_portfolio_analyzer.cli.groups import described, group
from crypto_portfolio_analyzer.cli.session import Json, at_server, settled

command = group(
    "Users: who may come in, and what they may do.",
    "users add anna --role trader",
    "users list",
    "users login-link anna",
    "users disable anna",
)

Name = Annotated[str, typer.Argument(help="Name of the account.", metavar="NAME", show_default=False)]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
ROLES = "[admin|trader|reader]"


@described(command, "users add anna", "users add grafana --role reader --json")
def add(
    context: typer.Context,
    name: Name,
    *,
    role: Annotated[str, typer.Option(help="What the account may do.", metavar=ROLES)] = "trader",
    as_json: Json = False,
) -> None:
    """Add an account and print the link by which it comes in once."""
    from crypto_portfolio_analyzer.cli.user_calls import added

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: added(settings, at, name, role, output))


@described(command, "users list", "users list --json", name="list")
def list_(context: typer.Context, as_json: Json = False) -> None:
    """List accounts."""
    from crypto_portfolio_analyzer.cli.user_calls import listed

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: listed(at, output))


@described(command, "users login-link anna", name="login-link")
def login_link(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Print a link that lets an account in once, within a quarter of an hour."""
    from crypto_portfolio_analyzer.cli.user_calls import linked

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: linked(settings, at, name, output))


@described(command, "users role anna reader", "users role anna admin --yes")
def role(
    context: typer.Context,
    name: Name,
    role: Annotated[str, typer.Argument(help="What the account may do.", metavar=ROLES, show_default=False)],
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Give an account another role; a lesser one ends its logins."""
    from crypto_portfolio_analyzer.cli.user_calls import changed

    settings, output = settled(context, as_json=as_json)
    what = f"makes {name} a {role}"
    at_server(settings, output, lambda at: changed(at, name, {"role": role}, output, what, yes=yes))


@described(command, "users disable anna", "users disable anna --yes")
def disable(context: typer.Context, name: Name, *, yes: Yes = False, as_json: Json = False) -> None:
    """Shut an account out at once; its logins end, its API tokens open nothing."""
    from crypto_portfolio_analyzer.cli.user_calls import changed

    settings, output = settled(context, as_json=as_json)
    what = f"shuts {name} out; every login of theirs ends"
    at_server(settings, output, lambda at: changed(at, name, {"disabled": True}, output, what, yes=yes))


@described(command, "users enable anna")
def enable(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Let an account in again, with the password and the API tokens it had."""
    from crypto_portfolio_analyzer.cli.user_calls import changed

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: changed(at, name, {"disabled": False}, output, "", yes=True))


@described(command, "users password anna", "users password anna --password-stdin < password.txt")
def password(
    context: typer.Context,
    name: Name,
    *,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Give an account a password, typed or from standard input; every login of it ends."""
    from crypto_portfolio_analyzer.cli.user_calls import given_password, password_set

    settings, output = settled(context, as_json=as_json)
    given = given_password(name, from_stdin=password_stdin)
    at_server(settings, output, lambda at: password_set(at, name, given, output))
