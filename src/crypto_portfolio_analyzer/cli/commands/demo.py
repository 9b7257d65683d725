"""`demo`: a whole simulated market, and the real program looking at it."""

import asyncio
import json
import shutil
from typing import TYPE_CHECKING, Annotated

import typer

from crypto_portfolio_analyzer.cli.groups import HELP_NAMES, described
from crypto_portfolio_analyzer.cli.session import Json, Session, session

if TYPE_CHECKING:
    from pathlib import Path

    from crypto_portfolio_analyzer.cli.output import Output
    from crypto_portfolio_analyzer.cli.simulated import SimulatedVenues
    from crypto_portfolio_analyzer.settings import Settings

command = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=HELP_NAMES)

FOLDER = "demo"


@described(command, "demo", "demo --fresh --dashboard", 'demo --fault "at=1m outage=20s venue=binance"')
def demo(
    context: typer.Context,
    *,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of the dashboard; else a free one.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what earlier demos kept.")] = False,
    seed: Annotated[int, typer.Option(help="Same seed, same market.")] = 7,
    fault: Annotated[
        list[str] | None, typer.Option(help="What goes wrong, and when; may be repeated.")
    ] = None,
    dashboard: Annotated[bool, typer.Option(help="Open the dashboard in a browser.")] = False,
    as_json: Json = False,
) -> None:
    """Show a simulated market in the browser: no key, no server, no internet."""
    here = session(context)
    here.output().note("starting a simulated market …")
    from crypto_portfolio_analyzer.cli.running import run
    from crypto_portfolio_analyzer.cli.simulated import SimulatedVenues
    from crypto_portfolio_analyzer.simulation.faults import parse_fault
    from crypto_portfolio_analyzer.simulation.venue import VENUES

    venues = SimulatedVenues(VENUES.names(), seed=seed, faults=[parse_fault(text) for text in fault or ()])
    folder = here.settings().data_dir / FOLDER
    if fresh:
        forget(folder)
    run(_show(here, venues, folder, port, here.output(as_json=as_json), browser=dashboard))


def forget(folder: "Path") -> None:
    """Delete what a demo kept; raises Failed while one runs on it."""
    from crypto_portfolio_analyzer.api.serverfile import find_server
    from crypto_portfolio_analyzer.cli.failures import Failed

    running = find_server(folder)
    if running is not None:
        raise Failed(f"a demo runs on these data: {running.url}", f"end it first: kill {running.pid}")
    shutil.rmtree(folder, ignore_errors=True)


async def _show(
    here: Session,
    venues: "SimulatedVenues",
    folder: "Path",
    port: int | None,
    output: "Output",
    *,
    browser: bool,
) -> None:
    from crypto_portfolio_analyzer.app import build
    from crypto_portfolio_analyzer.cli.demo_alerts import add_examples
    from crypto_portfolio_analyzer.cli.demo_channels import add_channels
    from crypto_portfolio_analyzer.cli.serving import announce, served
    from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver

    async with venues, WebhookReceiver() as receiver:
        settings = _settings(here, venues, folder, port)
        app = build(settings, simulated=True)
        market = await asyncio.to_thread(write_market, folder, venues.flags())
        async with served(app, any_port=port is None) as server:
            await add_channels(app, receiver)
            await add_examples(app)
            await announce(server, app, output, browser=browser, config=str(market))
            output.note(f"The same market in a terminal: crypto-analyzer --config {market} stream monitor")
            await server.wait()


def _settings(here: Session, venues: "SimulatedVenues", folder: "Path", port: int | None) -> "Settings":
    """Return settings that know only the simulated venues, and keep nothing outside of `folder`."""
    from crypto_portfolio_analyzer.cli.demo_channels import ALLOWED

    own = {
        **ALLOWED,
        "provider": "binance",
        "symbols": ",".join(asset.name for asset in venues.tape.assets),
        "data_dir": folder,
        "database_url": f"sqlite:///{folder}/analyzer.db",
        "port": port,
    }
    return here.settings(own | venues.flags())


def write_market(folder: "Path", flags: dict[str, str]) -> "Path":
    """Write settings that point other commands to the simulated venues, and return their file."""
    lines = [f'provider = "binance"\nsimulated = true\ndata_dir = {json.dumps(str(folder))}']
    lines += [f"{key} = {json.dumps(value)}" for key, value in flags.items()]
    path = folder / "market.toml"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path
