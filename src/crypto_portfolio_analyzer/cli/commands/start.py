"""`start`: the whole platform in one process."""

from typing import Annotated

import typer

from crypto_portfolio_analyzer.cli.groups import HELP_NAMES, described
from crypto_portfolio_analyzer.cli.session import Host, Json, Pem, Port, Provider, Symbols, session
from crypto_portfolio_analyzer.errors import UnknownName

command = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=HELP_NAMES)

ROLES = ("feed", "engine", "delivery", "api", "tokens", "predictions")
TOGETHER = ("feed", "engine", "api")
"""Parts that run in one process; delivery may run beside them or in processes of its own."""


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
    from crypto_portfolio_analyzer.cli.serving import deliver, serve

    wanted = checked_roles(roles)
    if wanted != {"delivery"} and not wanted.issuperset(TOGETHER):
        problem = f"{', '.join(TOGETHER)} run in one process, delivery beside them or by itself"
        raise Failed(problem, "leave --roles out, or give --roles delivery", exit_code=MISUSED)
    flags = {"host": host, "port": port, "symbols": symbols, "provider": provider}
    settings = here.settings({**flags, "tls_cert": tls_cert, "tls_key": tls_key}, serves=True)
    output = here.output(as_json=as_json)
    if wanted != {"delivery"}:
        return run(serve(settings, output, browser=dashboard, roles=wanted))
    if settings.database_url.startswith("sqlite"):
        problem = "a process that only delivers needs a database that several can share"
        raise Failed(problem, "set CRYPTO_ANALYZER_DATABASE_URL to a PostgreSQL", exit_code=MISUSED)
    return run(deliver(settings, output))


def checked_roles(text: str) -> set[str]:
    """Read a comma-separated list of roles; raises UnknownName."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    for name in names:
        if name not in ROLES:
            raise UnknownName("role", name, ROLES)
    return set(names)
