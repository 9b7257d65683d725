"""`db`: the database's schema, and copies of it."""

from pathlib import Path
from typing import Annotated

import typer

from crypto_portfolio_analyzer.cli.asking import confirmed
from crypto_portfolio_analyzer.cli.groups import described, group
from crypto_portfolio_analyzer.cli.session import Json, session

command = group("Upgrade, back up and restore the database.", "db upgrade", "db backup analyzer-copy.db")

File = Annotated[Path, typer.Argument(help="The copy.", metavar="FILE", show_default=False)]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@described(command, "db upgrade")
def upgrade(context: typer.Context, as_json: Json = False) -> None:
    """Bring the database to the newest schema; does nothing if it is there."""
    from crypto_portfolio_analyzer.cli.running import run
    from crypto_portfolio_analyzer.storage import schema

    here = session(context)
    settings = here.settings()
    before = run(schema.current(settings.database_url))
    after = run(schema.upgrade(settings.database_url))
    output = here.output(as_json=as_json)
    if as_json:
        output.document({"before": before, "after": after})
    else:
        output.say(
            f"the schema is at {after}" + (", as before" if before == after else f", was {before or 'empty'}")
        )


@described(command, "db downgrade", "db downgrade base --yes")
def downgrade(
    context: typer.Context,
    to: Annotated[
        str, typer.Argument(help="Revision to go back to, or -1 for one step.", metavar="REVISION")
    ] = "-1",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Take the schema back, with the data that only the newer one can hold."""
    from crypto_portfolio_analyzer.cli.running import run
    from crypto_portfolio_analyzer.storage import schema

    here = session(context)
    settings = here.settings()
    output = here.output(as_json=as_json)
    before = run(schema.current(settings.database_url))
    what = (
        f"This takes the schema from {before or 'empty'} back to {to}; tables added since then are deleted."
    )
    if not confirmed(output, what, yes=yes):
        raise typer.Exit(1)
    after = run(schema.downgrade(settings.database_url, to))
    if as_json:
        output.document({"before": before, "after": after})
    else:
        output.say(f"the schema is at {after or 'base: the database is empty'}, was {before or 'empty'}")


@described(command, "db current --json")
def current(context: typer.Context, as_json: Json = False) -> None:
    """Show which schema the database has, and which one this version wants."""
    from crypto_portfolio_analyzer.cli.running import run
    from crypto_portfolio_analyzer.settings import mask_url
    from crypto_portfolio_analyzer.storage import schema

    here = session(context)
    settings = here.settings()
    found, newest = run(schema.current(settings.database_url)), schema.head()
    output = here.output(as_json=as_json)
    if as_json:
        output.document({"current": found, "newest": newest, "database": mask_url(settings.database_url)})
        return
    output.say(f"{found or 'empty'}  ({mask_url(settings.database_url)})")
    if found != newest:
        output.note(f"{newest} is newer. Next: crypto-analyzer db upgrade")


@described(command, "db backup analyzer-copy.db")
def backup(context: typer.Context, file: File, as_json: Json = False) -> None:
    """Write a consistent copy of the database to a new file, while others may use it."""
    from crypto_portfolio_analyzer.cli.running import run
    from crypto_portfolio_analyzer.core.formats import compact
    from crypto_portfolio_analyzer.storage.backup import backup as copy

    here = session(context)
    settings = here.settings()
    run(copy(settings.database_url, file))
    size = file.stat().st_size
    output = here.output(as_json=as_json)
    if as_json:
        output.document({"file": str(file), "bytes": size})
    else:
        output.say(f"{file}: {compact(size)}B")
        output.note(f"Next: crypto-analyzer db restore {file}")


@described(command, "db restore analyzer-copy.db", "db restore analyzer-copy.db --yes")
def restore(context: typer.Context, file: File, yes: Yes = False, as_json: Json = False) -> None:
    """Replace the database by a copy."""
    from crypto_portfolio_analyzer.cli.restoring import restored
    from crypto_portfolio_analyzer.cli.running import run
    from crypto_portfolio_analyzer.settings import mask_url

    here = session(context)
    settings = here.settings()
    output = here.output(as_json=as_json)
    file.stat()
    what = f"This replaces everything in {mask_url(settings.database_url)} by {file}."
    if not confirmed(output, what, yes=yes):
        raise typer.Exit(1)
    run(restored(settings, file))
    if as_json:
        output.document({"file": str(file), "restored": True})
    else:
        output.say(f"restored from {file}")
        output.note("Next: crypto-analyzer start")
