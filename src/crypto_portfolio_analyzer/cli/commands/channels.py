"""`channels`: whom and what we tell; made, tested, changed."""

from typing import Annotated, Any

import typer

from crypto_portfolio_analyzer.cli.alert_options import asking
from crypto_portfolio_analyzer.cli.channel_options import FIELDS
from crypto_portfolio_analyzer.cli.groups import described, group
from crypto_portfolio_analyzer.cli.session import Json, at_server, settled

command = group(
    "Channels: whom and what we tell.",
    "channels add webhook --url https://example.org/hook",
    "channels add telegram --chat 123456789 --default",
    "channels test telegram",
)
link = group("Link an account elsewhere, by a code that is good once.", "channels link telegram")
command.add_typer(link, name="link")

Which = Annotated[
    str, typer.Argument(help="Id, the beginning of one, or name.", metavar="CHANNEL", show_default=False)
]


@described(
    command,
    "channels add webhook --url https://example.org/hook --name bot --option policy=trade",
    "channels add email --to me@example.org --default --quiet-hours 22:00-07:00",
    "channels add telegram --chat 123456789 --language de",
)
@asking(FIELDS)
def add(
    context: typer.Context,
    kind: Annotated[
        str, typer.Argument(help="What it is: see `channels types`.", metavar="TYPE", show_default=False)
    ],
    *,
    as_json: Json = False,
    **options: Any,
) -> None:
    """Make a channel; a signing secret is shown this once."""
    from crypto_portfolio_analyzer.cli.channel_calls import added

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: added(at, kind, options, output))


@described(command, "channels list", "channels list --json", name="list")
def list_(context: typer.Context, as_json: Json = False) -> None:
    """List channels and how they do."""
    from crypto_portfolio_analyzer.cli.channel_calls import listed

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: listed(at, output))


@described(command, "channels show telegram")
def show(context: typer.Context, channel: Which, as_json: Json = False) -> None:
    """Show everything about a channel, its secrets masked."""
    from crypto_portfolio_analyzer.cli.channel_calls import shown

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: shown(at, channel, output))


@described(command, "channels edit telegram --quiet-hours 22:00-07:00", "channels edit bot --off")
@asking(FIELDS)
def edit(context: typer.Context, channel: Which, *, as_json: Json = False, **options: Any) -> None:
    """Change what is given of a channel; secrets that are not given stay."""
    from crypto_portfolio_analyzer.cli.channel_calls import edited

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: edited(at, channel, options, output))


@described(command, "channels remove bot", "channels remove bot --yes")
def remove(
    context: typer.Context,
    channel: Which,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Forget a channel; what waits for it is cancelled."""
    from crypto_portfolio_analyzer.cli.channel_calls import removed

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: removed(at, channel, output, yes=yes))


@described(command, "channels test telegram", name="test")
def try_out(context: typer.Context, channel: Which, as_json: Json = False) -> None:
    """Send a test by the real path; exit 1 unless it was accepted. The server must run."""
    from crypto_portfolio_analyzer.cli.channel_calls import tested
    from crypto_portfolio_analyzer.cli.running import run

    settings, output = settled(context, as_json=as_json)
    run(tested(settings, channel, output))


@described(command, "channels rotate bot")
def rotate(context: typer.Context, channel: Which, as_json: Json = False) -> None:
    """Give a channel a new signing secret; the old one goes on signing for a day."""
    from crypto_portfolio_analyzer.cli.channel_calls import rotated

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: rotated(at, channel, output))


@described(command, "channels confirm mail 493027", "channels confirm mail")
def confirm(
    context: typer.Context,
    channel: Which,
    code: Annotated[
        str, typer.Argument(help="What was sent there.", metavar="[CODE]", show_default=False)
    ] = "",
    as_json: Json = False,
) -> None:
    """Show that the other end of a channel is yours; without a code a new one is sent there."""
    from crypto_portfolio_analyzer.cli.channel_calls import proven

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: proven(at, channel, code, output))


@described(command, "channels types", "channels types webhook")
def types(
    context: typer.Context,
    kind: Annotated[
        str | None, typer.Argument(help="Only this one, with its options.", metavar="[TYPE]")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the types of channels, or the options of one."""
    from crypto_portfolio_analyzer.cli.channel_calls import types_listed

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: types_listed(at, kind, output))


@described(link, "channels link telegram", name="telegram")
def link_telegram(context: typer.Context, as_json: Json = False) -> None:
    """Make a code that links a Telegram account to yours, good for ten minutes."""
    from crypto_portfolio_analyzer.cli.channel_calls import linked

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: linked(at, output))


@described(command, "channels reseal")
def reseal(context: typer.Context, as_json: Json = False) -> None:
    """Seal every channel's secrets anew under the first of `secrets_key`, after a new one was put before the old."""
    from crypto_portfolio_analyzer.cli.channel_calls import resealed
    from crypto_portfolio_analyzer.cli.running import run

    settings, output = settled(context, as_json=as_json)
    run(resealed(settings, output))
