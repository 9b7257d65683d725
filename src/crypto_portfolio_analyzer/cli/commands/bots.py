"""`bots`: channels that trade, what bots understand, and a place to see what one would do."""

from typing import Annotated

import typer

from crypto_portfolio_analyzer.cli.groups import described, group
from crypto_portfolio_analyzer.cli.session import Json, at_server, session, settled

command = group(
    "Trading bots: templates, previews, and an echo to try them on.",
    "bots templates",
    "bots echo --port 9000",
    'bots preview --channel my-bot --symbol BTC --condition "price > 65000"',
)


@described(command, "bots templates", "bots templates 3commas")
def templates(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="Only this one, with its text.", metavar="[NAME]")
    ] = None,
    as_json: Json = False,
) -> None:
    """List what bots understand, or the text of one template."""
    from crypto_portfolio_analyzer.cli.bot_calls import templates_listed

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: templates_listed(at, name, output))


@described(command, "bots list", name="list")
def list_(context: typer.Context, as_json: Json = False) -> None:
    """List the channels that trade."""
    from crypto_portfolio_analyzer.cli.bot_calls import listed

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: listed(at, output))


@described(command, 'bots preview --channel my-bot --symbol BTC --condition "price > 65000"')
def preview(
    context: typer.Context,
    *,
    channel: Annotated[str | None, typer.Option(help="As this channel would be told.")] = None,
    symbol: Annotated[str | None, typer.Option(help="What the alert would be about.")] = None,
    condition: Annotated[str | None, typer.Option(help="Its question.", metavar="TEXT")] = None,
    message: Annotated[str | None, typer.Option(help="Its own words.")] = None,
    as_json: Json = False,
) -> None:
    """Show what a firing would send; nothing is sent."""
    from crypto_portfolio_analyzer.cli.bot_calls import previewed

    given = {"symbol": symbol, "condition": condition, "message": message}
    alert = {name: text for name, text in given.items() if text is not None}
    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: previewed(at, channel, alert, output))


@described(
    command, "bots echo", "bots echo --port 9000 --secret-file secret.txt", "bots echo --port 9000 --json"
)
def echo(
    context: typer.Context,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for a free one.")] = 9000,
    secret: Annotated[
        str | None, typer.Option(help="The channel's signing secret; others can see it here.")
    ] = None,
    secret_file: Annotated[
        str | None, typer.Option(help="The secret from a file, - for standard input.", metavar="FILE")
    ] = None,
    as_json: Json = False,
) -> None:
    """Listen as a bot would, verify signatures, and print what it would do; nothing is traded."""
    from crypto_portfolio_analyzer.cli.bot_calls import echoed
    from crypto_portfolio_analyzer.cli.channel_options import read_text
    from crypto_portfolio_analyzer.cli.running import run

    known = read_text(secret_file) if secret_file is not None else secret or ""
    run(echoed(port, known.strip(), session(context).output(as_json=as_json)))
