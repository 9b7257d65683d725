"""What every command shares: the global options, settings read once, output, logs."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crypto_portfolio_analyzer.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from crypto_portfolio_analyzer.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Symbols = Annotated[
    str | None,
    typer.Option(help="Comma-separated list of symbols; an empty text means none.", metavar="TEXT"),
]
Provider = Annotated[
    str | None, typer.Option(help="Price feed provider.", metavar="[binance|coinbase|mock|…]")
]
Host = Annotated[str | None, typer.Option(help="Address of the server.", metavar="TEXT")]
Port = Annotated[int | None, typer.Option(help="Port of the server.", min=0, max=65535)]

Pem = Annotated[Path | None, typer.Option(metavar="FILE", help="PEM file, to serve HTTPS.")]


@dataclass(slots=True)
class Session:
    """The global options of one call."""

    config: Path | None = None
    verbose: bool = False
    quiet: bool = False

    def output(self, *, as_json: bool = False) -> Output:
        """Return where this call's words go."""
        return Output(as_json=as_json, quiet=self.quiet)

    def settings(self, flags: dict[str, Any] | None = None, *, serves: bool = False) -> "Settings":
        """Read the settings, flags first, and let the log speak accordingly.

        Raises ConfigFaults; UnknownName and InvalidSymbol for what was typed on the command line.

        Only what `serves` logs its course; other commands speak for themselves and log warnings.
        """
        from crypto_portfolio_analyzer.settings import load

        _check_names(flags or {})
        settings = load(flags, file=self.config)
        self._log(settings, serves=serves)
        return settings

    def _log(self, settings: "Settings", *, serves: bool) -> None:
        from crypto_portfolio_analyzer.logs import LogFile, configure

        usual = "info" if serves else "warning"
        path = settings.log_file if serves else None  # two processes must not take turns at one file
        file = LogFile(path, settings.log_file_bytes, settings.log_files) if path else None
        stated = usual if settings.origin("log_level") == "default" else settings.log_level
        level = "debug" if self.verbose else "error" if self.quiet else stated
        colours = file is None and Output().err_is_terminal
        configure(level, settings.log_format, colours=colours, secrets=settings.secrets(), file=file)


def _check_names(flags: dict[str, Any]) -> None:
    """Refuse a mistyped provider or symbol in words that can show the command line put right."""
    from crypto_portfolio_analyzer.core.symbols import parse_symbol
    from crypto_portfolio_analyzer.core.venues import EXCHANGES

    if flags.get("provider"):
        EXCHANGES[flags["provider"]]
    for text in filter(None, (flags.get("symbols") or "").split(",")):
        parse_symbol(text)


def session(context: typer.Context) -> Session:
    """Return the session that the top command made."""
    found = context.find_object(Session)
    return found if found is not None else Session()


def settled(context: typer.Context, *, as_json: bool) -> "tuple[Settings, Output]":
    """Return the settings of this call, and where its words go."""
    here = session(context)
    return here.settings(), here.output(as_json=as_json)


def at_server(
    settings: "Settings", output: Output, work: "Callable[[Settings], Coroutine[Any, Any, None]]"
) -> None:
    """Run `work` at the server that runs, else at one opened over the same database for it."""
    from crypto_portfolio_analyzer.api.serverfile import find_server
    from crypto_portfolio_analyzer.cli.running import run

    if find_server(settings.data_dir) is not None:  # before a whole server is imported in vain
        run(work(settings))
        return
    from crypto_portfolio_analyzer.cli.alert_house import at_server

    run(at_server(settings, output, work))
