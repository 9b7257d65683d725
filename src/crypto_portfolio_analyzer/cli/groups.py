"""How groups of commands behave and how their help reads: examples come first."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import typer
from typer.core import TyperGroup

from crypto_portfolio_analyzer.errors import UnknownName

F = TypeVar("F", bound=Callable[..., Any])

PROGRAM = "crypto-analyzer"
HELP_NAMES = {"help_option_names": ["-h", "--help"]}


def told(summary: str, *examples: str) -> str:
    """Return a help text: a sentence, then commands to paste."""
    if not examples:
        return summary
    lines = "\n".join(f"  {PROGRAM} {example}" for example in examples)
    return f"{summary}\n\n\b\n{lines}"


def group(summary: str, *examples: str) -> typer.Typer:
    """Return an empty command group."""
    made = typer.Typer(
        cls=KnownCommands,
        help=told(summary, *examples),
        short_help=summary,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        context_settings=HELP_NAMES,
    )
    made.callback()(_group)
    return made


def _group() -> None:
    pass  # a group stays a group, even with a single command


def described(owner: typer.Typer, *examples: str, name: str | None = None) -> Callable[[F], F]:
    """Add the decorated function to `owner`: its docstring and the examples are its help."""

    def add(function: F) -> F:
        help_text = told(inspect.getdoc(function) or "", *examples)
        return owner.command(name, help=help_text, context_settings=HELP_NAMES)(function)

    return add


class KnownCommands(TyperGroup):
    """A group that answers an unknown command with the nearest known one."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that `args` begin with; raises UnknownName."""
        known = self.list_commands(ctx)
        if not args[0].startswith("-") and args[0] not in known:
            raise UnknownName("command", args[0], known)
        return super().resolve_command(ctx, args)
