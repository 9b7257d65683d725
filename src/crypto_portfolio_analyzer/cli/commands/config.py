"""`config`: what is set, where it comes from, and whether it can be used."""

import typer

from crypto_portfolio_analyzer.cli.groups import described, group
from crypto_portfolio_analyzer.cli.output import Column
from crypto_portfolio_analyzer.cli.session import Json, session

command = group("Show and check the settings.", "config show", "config check --config trial.toml")

_COLUMNS = (Column("SETTING"), Column("VALUE"), Column("FROM", weight=1))


@described(command, "config show --json")
def show(context: typer.Context, as_json: Json = False) -> None:
    """Show every setting, its value and where it comes from."""
    here = session(context)
    output = here.output(as_json=as_json)
    rows = list(here.settings().rows())
    if as_json:
        output.document({key: {"value": value, "origin": origin} for key, value, origin in rows})
        return
    output.table(_COLUMNS, rows)
    output.note("Next: crypto-analyzer config check")


@described(command, "config check --config trial.toml")
def check(context: typer.Context, as_json: Json = False) -> None:
    """Check the settings and report every fault at once."""
    here = session(context)
    settings = here.settings()
    rows, unused = list(settings.rows()), settings.unused()
    stated = sum(origin != "default" for _, _, origin in rows)
    output = here.output(as_json=as_json)
    if as_json:
        output.document({"ok": True, "stated": stated, "default": len(rows) - stated, "unused": unused})
        return
    for name in unused:
        output.say(f"! {name} is for a capability that this version does not have yet")
    output.say(f"the settings are fine: {stated} stated, {len(rows) - stated} by default")
    output.note("Next: crypto-analyzer doctor")
