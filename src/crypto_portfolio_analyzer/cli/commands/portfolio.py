"""`portfolio`: what you hold and what it is worth."""

from typing import Annotated

import typer

from crypto_portfolio_analyzer.cli.groups import described, group
from crypto_portfolio_analyzer.cli.session import Json, at_server, settled

command = group(
    "The portfolio: what you hold and what it is worth.",
    "portfolio add BTC 0.5",
    "portfolio list",
    "portfolio status --watch",
)

Symbol = Annotated[
    str, typer.Argument(help="What is held, like BTC or BTC/USDT.", metavar="SYMBOL", show_default=False)
]


@described(command, "portfolio add BTC 0.5", "portfolio add ETH/USDT 12")
def add(
    context: typer.Context,
    symbol: Symbol,
    quantity: Annotated[str, typer.Argument(help="How much more.", metavar="QUANTITY", show_default=False)],
    as_json: Json = False,
) -> None:
    """Hold more of a symbol."""
    from crypto_portfolio_analyzer.cli.portfolio_calls import added

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: added(at, symbol, quantity, output))


@described(command, "portfolio remove BTC")
def remove(context: typer.Context, symbol: Symbol, as_json: Json = False) -> None:
    """Hold none of a symbol any more."""
    from crypto_portfolio_analyzer.cli.portfolio_calls import removed

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: removed(at, symbol, output))


@described(command, "portfolio list", "portfolio list --json", name="list")
def list_(context: typer.Context, as_json: Json = False) -> None:
    """List what is held and what each holding is worth."""
    from crypto_portfolio_analyzer.cli.portfolio_calls import listed

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: listed(at, output))


@described(command, "portfolio status", "portfolio status --watch")
def status(
    context: typer.Context,
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Again whenever it changes, until Ctrl C.")] = False,
    as_json: Json = False,
) -> None:
    """Say what everything together is worth."""
    from crypto_portfolio_analyzer.cli import portfolio_calls

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: portfolio_calls.status(at, output, watch=watch))
