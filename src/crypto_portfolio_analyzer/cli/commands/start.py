"""`start`: the whole platform in one process."""

from typing import Annotated

import typer

from crypto_portfolio_analyzer.cli.groups import HELP_NAMES, described
from crypto_portfolio_analyzer.cli.session import Host, Json, Pem, Port, Provider, Symbols, session
from crypto_portfolio_analyzer.errors import UnknownName

command = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=HELP_NAMES)

ROLES = ("feed", "engine", "delivery", "api", "tokens", "predictions")
HERE = ("feed", "api")
"""What this version can do; the others come with what they serve."""


@described(command, "start", "start --symbols BTC,ETH --provider kraken --port 8080", "start --host 0.0.0.0")
def start(
    context: typer.Context,
    *,
    roles: Annotated[str, typer.Option(help="Comma-separated parts to run.")] = ",".join(ROLES),
    host: Host = None,
    port: Port = None,
    symbols: Symbols = None,
    provider: Provider = None,
    tls_cert: Pem = None,
    tls_key: Pem = None,
    dashboard: Annotated[bool, typer.Option(help="Open the dashboard in a browser.")] = False,
    as_json: Json = False,
) -> None:
    """Run feeds, storage, server and dashboard until Ctrl C."""
    here = session(context)
    here.output().note("starting …")
    from crypto_portfolio_analyzer.cli.failures import MISUSED, Failed
    from crypto_portfolio_analyzer.cli.running import run
    from crypto_portfolio_analyzer.cli.serving import serve

    wanted = checked_roles(roles)
    if not wanted.issuperset(HERE):
        raise Failed(
            f"this version runs {' and '.join(HERE)} in one process", "leave --roles out", exit_code=MISUSED
        )
    flags = {"host": host, "port": port, "symbols": symbols, "provider": provider}
    settings = here.settings({**flags, "tls_cert": tls_cert, "tls_key": tls_key}, serves=True)
    run(serve(settings, here.output(as_json=as_json), browser=dashboard))


def checked_roles(text: str) -> set[str]:
    """Read a comma-separated list of roles; raises UnknownName."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    for name in names:
        if name not in ROLES:
            raise UnknownName("role", name, ROLES)
    return set(names)
