"""`stream`: watch prices, serve them, be told of them, test the way they take, record and replay them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from crypto_portfolio_analyzer.cli.failures import FAILED, MISUSED, Failed
from crypto_portfolio_analyzer.cli.groups import described, group
from crypto_portfolio_analyzer.cli.session import Host, Json, Pem, Port, Provider, Symbols, session

command = group(
    "Live prices: watch, serve, test, record, replay.",
    "stream monitor --symbols BTC,ETH --provider binance",
    "stream test --symbols BTC --duration 10",
)

Interval = Annotated[
    float | None, typer.Option(min=0.01, max=3600, help="Seconds between prices of the mock provider.")
]


@described(
    command,
    "stream monitor --symbols BTC --provider mock",
    "stream monitor --symbols BTC,ETH,ADA --provider binance --refresh 0.5",
    "stream monitor --symbols BTC --json | head -n 3",
)
def monitor(
    context: typer.Context,
    *,
    symbols: Symbols = None,
    provider: Provider = None,
    refresh: Annotated[float, typer.Option(min=0.05, max=3600, help="Refresh interval in seconds.")] = 1.0,
    interval: Interval = None,
    duration: Annotated[float | None, typer.Option(min=0, help="Stop after so many seconds.")] = None,
    as_json: Json = False,
) -> None:
    """Monitor real-time prices in the terminal."""
    here = session(context)
    output = here.output(as_json=as_json)
    output.note(f"connecting to {provider or 'the usual provider'} …")
    from crypto_portfolio_analyzer.cli.feeds import interval_url, opened
    from crypto_portfolio_analyzer.cli.monitor import Monitor
    from crypto_portfolio_analyzer.cli.running import run

    flags = {"symbols": symbols, "provider": provider, "exchanges.mock.ws_url": interval_url(interval)}
    settings = here.settings(flags)

    async def watch() -> None:
        async with opened(settings) as feeds:
            shown = Monitor(feeds, output, refresh=refresh, duration=duration, language=settings.language)
            await shown.run()

    run(watch())


@described(
    command,
    "stream start",
    "stream start --port 8001 --symbols BTC,ETH --provider mock",
    "stream start --no-dashboard",
)
def start(
    context: typer.Context,
    *,
    host: Host = None,
    port: Port = None,
    symbols: Symbols = None,
    provider: Provider = None,
    interval: Interval = None,
    dashboard: Annotated[bool, typer.Option(help="Open dashboard in browser.")] = True,
    tls_cert: Pem = None,
    tls_key: Pem = None,
    as_json: Json = False,
) -> None:
    """Start the WebSocket server."""
    here = session(context)
    here.output().note("starting …")
    from crypto_portfolio_analyzer.cli.feeds import interval_url
    from crypto_portfolio_analyzer.cli.running import run
    from crypto_portfolio_analyzer.cli.serving import serve

    flags: dict[str, Any] = {"host": host, "port": port, "symbols": symbols, "provider": provider}
    flags |= {"tls_cert": tls_cert, "tls_key": tls_key, "exchanges.mock.ws_url": interval_url(interval)}
    settings = here.settings(flags, serves=True)
    run(serve(settings, here.output(as_json=as_json), browser=dashboard))


@described(command, "stream status", "stream status --host localhost --port 8001 --json")
def status(context: typer.Context, *, host: Host = None, port: Port = None, as_json: Json = False) -> None:
    """Check server status."""
    from crypto_portfolio_analyzer.cli.client import server_at
    from crypto_portfolio_analyzer.cli.running import run
    from crypto_portfolio_analyzer.cli.status import show

    here = session(context)
    settings = here.settings({"host": host, "port": port})
    client = server_at(settings.data_dir, settings.host, settings.port, secure=settings.tls_cert is not None)
    show(here.output(as_json=as_json), run(client.get("/status")), settings.language)


@described(
    command, "stream test --symbols BTC --duration 10", "stream test --provider binance --json", name="test"
)
def try_components(
    context: typer.Context,
    *,
    symbols: Annotated[str, typer.Option(help="Comma-separated list of symbols to test.")] = "BTC",
    provider: Annotated[
        str, typer.Option(help="Price feed provider.", metavar="[binance|coinbase|mock|…]")
    ] = "mock",
    duration: Annotated[float, typer.Option(min=0.1, max=3600, help="Test duration in seconds.")] = 10,
    interval: Interval = None,
    as_json: Json = False,
) -> None:
    """Test streaming components; exit 0 only if every one passed."""
    here = session(context)
    output = here.output(as_json=as_json)
    output.note(f"testing {symbols or 'no symbols'} from {provider} for {duration:g} s …")
    from crypto_portfolio_analyzer.cli.feeds import interval_url
    from crypto_portfolio_analyzer.cli.running import run
    from crypto_portfolio_analyzer.cli.trial import examine, show
    from crypto_portfolio_analyzer.settings import clock_of

    flags = {"symbols": symbols, "provider": provider, "exchanges.mock.ws_url": interval_url(interval)}
    settings = here.settings(flags)
    if not settings.symbols:
        raise Failed("no symbols to test", "crypto-analyzer stream test --symbols BTC", exit_code=MISUSED)
    trials = run(examine(settings, clock_of(settings), duration))
    show(output, trials)
    if not all(trial.passed for trial in trials):
        raise typer.Exit(FAILED)


@described(
    command,
    'stream alert --symbol BTC --condition "price > 50000" --message "time to look"',
    'stream alert --symbol ETH --condition "rsi(14) on 1h < 30" --port 8001',
)
def alert(
    context: typer.Context,
    *,
    symbol: Annotated[str | None, typer.Option(help="What it is about, like BTC.")] = None,
    condition: Annotated[str | None, typer.Option(help="When to alert, like: price > 50000.")] = None,
    message: Annotated[str | None, typer.Option(help="What it says when it fires.")] = None,
    host: Host = None,
    port: Port = None,
    as_json: Json = False,
) -> None:
    """Set an alert at the running server."""
    if not symbol or not condition:
        fix = 'crypto-analyzer stream alert --symbol BTC --condition "price > 50000"'
        raise Failed("an alert needs --symbol and --condition", fix, exit_code=MISUSED)
    from crypto_portfolio_analyzer.cli.alert_changes import added_at
    from crypto_portfolio_analyzer.cli.client import server_at
    from crypto_portfolio_analyzer.cli.running import run

    here = session(context)
    settings = here.settings({"host": host, "port": port})
    client = server_at(settings.data_dir, settings.host, settings.port, secure=settings.tls_cert is not None)
    asked = {"symbol": symbol, "condition": condition} | ({"message": message} if message else {})
    run(added_at(client, settings, asked, here.output(as_json=as_json)))


@described(
    command,
    "stream record btc.jsonl.gz --symbols BTC --duration 60",
    "stream record --provider kraken --symbols BTC,ETH",
)
def record(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="A new file; named by itself if left out.", metavar="[FILE]")
    ] = None,
    *,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The same as FILE.", metavar="FILE")] = None,
    symbols: Symbols = None,
    provider: Provider = None,
    interval: Interval = None,
    duration: Annotated[
        float | None, typer.Option(min=0, help="Stop after so many seconds; else by Ctrl C.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Record what a venue sends, byte for byte, with receive times."""
    from crypto_portfolio_analyzer.cli.feeds import interval_url
    from crypto_portfolio_analyzer.cli.running import run
    from crypto_portfolio_analyzer.cli.tapes import file_name, recorded

    here = session(context)
    flags = {"symbols": symbols, "provider": provider, "exchanges.mock.ws_url": interval_url(interval)}
    settings = here.settings(flags)
    if not settings.symbols:
        raise Failed("no symbols to record", "crypto-analyzer stream record --symbols BTC", exit_code=MISUSED)
    path = file or out or file_name(settings)
    run(recorded(settings, path, duration, here.output(as_json=as_json)))


@described(
    command,
    "stream replay btc.jsonl.gz",
    "stream replay capture.cf1.gz --exchange binance --json",
    "stream replay btc.jsonl.gz --speed 10",
    "stream replay btc.jsonl.gz --alerts alerts.yaml --json",
)
def replay(
    context: typer.Context,
    files: Annotated[
        list[Path], typer.Argument(help="Recordings of one venue.", metavar="FILE...", show_default=False)
    ],
    *,
    speed: Annotated[
        str, typer.Option(help="max, or how many times as fast as it was.", metavar="max|1|10")
    ] = "max",
    exchange: Annotated[str | None, typer.Option(help="Whose recording it is, if it does not say.")] = None,
    alerts: Annotated[
        Path | None, typer.Option(help="Alerts that watch the replay.", metavar="FILE.yaml")
    ] = None,
    as_json: Json = False,
) -> None:
    """Replay recordings through the live path and say what was in them, and what fired."""
    from crypto_portfolio_analyzer.cli.running import run
    from crypto_portfolio_analyzer.cli.tapes import checked_speed, replayed

    here = session(context)
    here.settings()
    run(replayed(files, exchange, checked_speed(speed), here.output(as_json=as_json), alerts))
