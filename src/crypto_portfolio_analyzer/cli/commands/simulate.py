"""`simulate`: the exchange simulator alone, for programs that want a market without one."""

from typing import TYPE_CHECKING, Annotated

import typer

from crypto_portfolio_analyzer.cli.groups import HELP_NAMES, described
from crypto_portfolio_analyzer.cli.session import Json, session

if TYPE_CHECKING:
    from crypto_portfolio_analyzer.cli.output import Output
    from crypto_portfolio_analyzer.cli.simulated import SimulatedVenues

command = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=HELP_NAMES)

FIRST_PORT = 8100


@described(
    command,
    "simulate",
    "simulate --exchange binance --port 9000 --seed 3",
    'simulate --fault "at=30s close=1006" --fault "at=1m outage=20s venue=kraken"',
)
def simulate(
    context: typer.Context,
    *,
    exchange: Annotated[str, typer.Option(help="Comma-separated venues; all if empty.")] = "",
    port: Annotated[
        int, typer.Option(min=0, max=65000, help="Port of the first venue, the next follow.")
    ] = FIRST_PORT,
    symbols: Annotated[str, typer.Option(help="Comma-separated assets that trade there.")] = "",
    seed: Annotated[int, typer.Option(help="Same seed, same market.")] = 7,
    time_scale: Annotated[float, typer.Option(min=0.01, max=1000, help="How fast time runs there.")] = 1.0,
    fault: Annotated[
        list[str] | None, typer.Option(help="What goes wrong, and when; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run simulated exchanges that speak the real protocols on loopback."""
    from crypto_portfolio_analyzer.cli.running import run
    from crypto_portfolio_analyzer.cli.simulated import SimulatedVenues, simulated_names
    from crypto_portfolio_analyzer.clock import ScaledClock, SystemClock
    from crypto_portfolio_analyzer.simulation.faults import parse_fault
    from crypto_portfolio_analyzer.streaming.feeds import symbols_of

    here = session(context)
    here.settings(serves=True)
    clock = SystemClock() if time_scale == 1 else ScaledClock(time_scale)
    venues = SimulatedVenues(
        simulated_names(exchange),
        clock=clock,
        seed=seed,
        port=port,
        symbols=symbols_of(symbols),
        faults=[parse_fault(text) for text in fault or ()],
    )
    run(_serve(venues, here.output(as_json=as_json)))


async def _serve(venues: "SimulatedVenues", output: "Output") -> None:
    import asyncio

    from crypto_portfolio_analyzer.cli.simulated import LABEL, exports

    async with venues:
        if output.as_json:
            for server in venues.servers:
                addresses = {"ws_url": server.ws_url, "rest_url": server.rest_url}
                output.line({"exchange": server.name, **addresses, "simulated": True})
        else:
            output.say(f"{LABEL} market, seed {venues.tape.seed}, {len(venues.tape.assets)} assets")
            for server in venues.servers:
                output.say(f"  {server.dialect.label:<12} {server.ws_url}  {server.rest_url}")
            output.note("Point the analyzer there (Ctrl C ends the market):")
            for line in exports(venues.flags()):
                output.say(line)
        output.flush()
        await asyncio.Event().wait()
