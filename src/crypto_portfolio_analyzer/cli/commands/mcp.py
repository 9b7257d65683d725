"""`mcp`: let an assistant look at the market and keep alerts, over the Model Context Protocol."""

from pathlib import Path
from typing import Annotated

import typer

from crypto_portfolio_analyzer.cli.groups import HELP_NAMES, described
from crypto_portfolio_analyzer.cli.session import Json, session

command = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=HELP_NAMES)


@described(command, "mcp", "mcp --url http://localhost:8000 --token-file token.txt", "mcp --http --port 8002")
def mcp(
    context: typer.Context,
    *,
    http: Annotated[
        bool, typer.Option("--http", help="Listen on loopback instead of speaking over standard input.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of --http; 0 for a free one.")] = 8002,
    url: Annotated[
        str | None, typer.Option(help="Server to ask; else the one that runs on these data.")
    ] = None,
    token: Annotated[
        str | None, typer.Option(help="API token to enter with; others can see it here.")
    ] = None,
    token_file: Annotated[Path | None, typer.Option(help="The token from a file.", metavar="FILE")] = None,
    as_json: Json = False,
) -> None:
    """Let an assistant search, look, try conditions and keep alerts, with the rights of a token."""
    from crypto_portfolio_analyzer.cli.assistant_door import serve, talk
    from crypto_portfolio_analyzer.cli.running import run

    here = session(context)
    given = token_file.read_text().strip() if token_file is not None else token
    settings = here.settings({"mcp.url": url, "mcp.token": given})
    run(serve(settings, port, here.output(as_json=as_json)) if http else talk(settings))
