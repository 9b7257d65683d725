"""`doctor`: what works here, and what mends the rest."""

from typing import TYPE_CHECKING

import typer

from crypto_portfolio_analyzer.cli.failures import FAILED
from crypto_portfolio_analyzer.cli.groups import HELP_NAMES, described
from crypto_portfolio_analyzer.cli.output import Output, safe
from crypto_portfolio_analyzer.cli.session import Json, session

if TYPE_CHECKING:
    from crypto_portfolio_analyzer.cli.checks import Check

command = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=HELP_NAMES)

_MARKS = {"fine": ("✓", "good"), "hint": ("!", "warn"), "failed": ("✗", "bad")}


@described(command, "doctor", "doctor --json")
def doctor(context: typer.Context, as_json: Json = False) -> None:
    """Check clock, disk, database, keys, and the way to each venue."""
    from crypto_portfolio_analyzer.cli.checks import examine
    from crypto_portfolio_analyzer.cli.running import run
    from crypto_portfolio_analyzer.clock import SystemClock

    here = session(context)
    checks = run(examine(here.settings(), SystemClock()))
    show(here.output(as_json=as_json), checks)
    if any(check.state == "failed" for check in checks):
        raise typer.Exit(FAILED)


def show(output: Output, checks: "list[Check]") -> None:
    """Print checks, one line each, with what mends those that are not well."""
    counts = {state: sum(check.state == state for check in checks) for state in _MARKS}
    if output.as_json:
        shown = [
            {"name": each.name, "state": each.state, "detail": each.detail, "fix": each.fix or None}
            for each in checks
        ]
        output.document({"checks": shown, **counts})
        return
    width = max(len(check.name) for check in checks)
    for check in checks:
        mark, colour = _MARKS[check.state]
        output.say(f"{output.paint(mark, colour)} {check.name:<{width}}  {safe(check.detail)}")
        if check.fix:
            output.say(f"  {'':<{width}}  {'next' if check.state == 'hint' else 'fix'}  {safe(check.fix)}")
    told = [f"{counts['fine']} fine"]
    told += [
        f"{count} {word}" for word, count in (("hint", counts["hint"]), ("failed", counts["failed"])) if count
    ]
    output.say(", ".join(told))
