"""The entry: global options, the commands, and what a failure looks like."""

import logging
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Annotated, Any

import typer

from crypto_portfolio_analyzer.cli import commands
from crypto_portfolio_analyzer.cli.failures import (
    DONE,
    FAILED,
    INTERRUPTED,
    MISUSED,
    Interrupted,
    Problem,
    problems,
)
from crypto_portfolio_analyzer.cli.groups import HELP_NAMES, PROGRAM, KnownCommands, told
from crypto_portfolio_analyzer.cli.output import Output
from crypto_portfolio_analyzer.cli.session import Session

_GLOBAL_FLAGS = ("--verbose", "--quiet")
_GLOBAL_OPTION = "--config"


class CommandFiles(KnownCommands):
    """The top group: every file of `cli/commands` is a command, imported only when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the files."""
        return sorted(module.name for module in iter_modules(commands.__path__))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import one command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"{commands.__name__}.{cmd_name}")
        command = typer.main.get_command(module.command)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=CommandFiles,
    help=told(
        "Live crypto prices: streams, stores, tells, and shows its working.",
        "demo                                     a simulated market in the browser",
        "stream monitor --symbols BTC,ETH         live prices in the terminal",
        "doctor                                   what works here, and what does not",
    ),
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings=HELP_NAMES,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from crypto_portfolio_analyzer import __version__

        sys.stdout.write(f"{PROGRAM} {__version__}\n")
        raise typer.Exit


@app.callback()
def _globals(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="Read settings from this TOML file.", metavar="FILE")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log details; show tracebacks.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print errors only, and the answer.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = Session(config=config, verbose=verbose, quiet=quiet)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    exit_code = run(sys.argv[1:])
    logging.shutdown()
    with suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(exit_code)  # everything is closed by now; taking the interpreter apart would cost half a second


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    ordered = globals_first(arguments)
    try:
        outcome = app(ordered, prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return DONE
    except Interrupted as interrupted:
        return interrupted.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  # the border: everything that went wrong ends here
        return _told(error, arguments)
    return outcome if isinstance(outcome, int) else DONE


def globals_first(arguments: Sequence[str]) -> list[str]:
    """Move the global options, which may stand anywhere, before the command."""
    first: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in _GLOBAL_FLAGS or word.startswith(_GLOBAL_OPTION + "="):
            first.append(word)
        elif word == _GLOBAL_OPTION:
            first += [word, *[value for value in (next(words, None),) if value is not None]]
        else:
            rest.append(word)
    return first + rest


def _told(error: Exception, arguments: Sequence[str]) -> int:
    output = Output()
    if _is_help(error):
        output.say(str(error).rstrip())
        return MISUSED
    if "--verbose" in arguments:
        output.complain("".join(traceback.format_exception(error)).rstrip())
    found = problems(error, arguments) or [_bug(error)]
    for problem in found:
        first, *others = problem.lines()
        output.complain("\n".join([output.paint_err(first, "bad"), *others]))
    return found[0].exit_code


def _is_help(error: Exception) -> bool:
    return type(error).__name__ == "NoArgsIsHelpError"


def _bug(error: Exception) -> Problem:
    what = f"unexpected {type(error).__name__}: {str(error)[:200]}"
    return Problem(what, "run it again with --verbose and report what it prints", FAILED)


if __name__ == "__main__":
    main()
