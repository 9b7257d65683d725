"""`data`: prices now, bars of the past, and what is stored of them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crypto_portfolio_analyzer.cli.groups import described, group
from crypto_portfolio_analyzer.cli.output import Column
from crypto_portfolio_analyzer.cli.session import Json, Provider, session

if TYPE_CHECKING:
    from crypto_portfolio_analyzer.cli.prices import Priced
    from crypto_portfolio_analyzer.core.market import Bar
    from crypto_portfolio_analyzer.settings import Settings
    from crypto_portfolio_analyzer.storage.bars import Held

command = group(
    "Prices now, bars of the past, and what is stored.",
    "data price BTC ETH",
    "data history BTC --timeframe 1h --limit 24",
)

Wanted = Annotated[
    list[str], typer.Argument(help="Symbols like BTC, ETH/USDT or BTCUSDT.", show_default=False)
]
Frame = Annotated[str, typer.Option("--timeframe", help="Length of a bar, like 1m, 1h or 1d.")]
PRICE_WITHIN = 10.0
"""Seconds that a price may take to come."""
PRICE_COLUMNS = (
    Column("SYMBOL"),
    Column("PRICE", ">"),
    Column("24H", ">", weight=8),
    Column("SOURCE", weight=5),
    Column("AGE", ">", weight=7),
    Column("NOTE", weight=6),
)
BAR_COLUMNS = (
    Column("OPEN AT (UTC)"),
    Column("OPEN", ">"),
    Column("HIGH", ">", weight=7),
    Column("LOW", ">", weight=7),
    Column("CLOSE", ">", weight=8),
    Column("VOLUME", ">", weight=5),
)
HELD_COLUMNS = (
    Column("VENUE", weight=5),
    Column("SYMBOL"),
    Column("TIMEFRAME"),
    Column("BARS", ">", weight=8),
    Column("FIRST (UTC)", weight=6),
    Column("LAST (UTC)", weight=7),
)


@described(command, "data price BTC", "data price BTC ETH/EUR --provider kraken --json")
def price(
    context: typer.Context, symbols: Wanted, *, provider: Provider = None, as_json: Json = False
) -> None:
    """Show the newest price of symbols."""
    from crypto_portfolio_analyzer.cli.failures import TIMED_OUT, Failed
    from crypto_portfolio_analyzer.cli.prices import Writer, note
    from crypto_portfolio_analyzer.cli.running import run
    from crypto_portfolio_analyzer.core.formats import age, change

    here = session(context)
    settings = here.settings({"symbols": ",".join(symbols), "provider": provider})
    found = run(_prices(settings))
    silent = [each.watch.asked for each in found if each.latest is None]
    if silent:
        why = f"nothing came within {PRICE_WITHIN:.0f} s"
        raise Failed(
            f"no price of {', '.join(silent)}", "crypto-analyzer doctor", exit_code=TIMED_OUT, why=why
        )
    output, writer, language = here.output(as_json=as_json), Writer(settings.language), settings.language
    if as_json:
        output.document({"prices": [each.document() for each in found]})
        return
    rows = [
        [
            each.latest.symbol,
            writer.price(each, each.latest),
            change(each.latest.change_percent_24h, language=language),
            each.latest.source,
            age(each.age, language=language),
            note(each),
        ]
        for each in found
        if each.latest is not None
    ]
    output.table(PRICE_COLUMNS, rows)
    output.note(f"Next: crypto-analyzer stream monitor --symbols {','.join(symbols)}")


async def _prices(settings: "Settings") -> "list[Priced]":
    from crypto_portfolio_analyzer.cli.feeds import opened, priced
    from crypto_portfolio_analyzer.cli.prices import look

    async with opened(settings) as feeds:
        await priced(feeds, PRICE_WITHIN)
        return look(feeds, feeds.clock.now())


@described(
    command,
    "data history BTC --timeframe 1h --limit 24",
    "data history BTC/USDT --start 2026-11-01 --end 2026-11-02 --csv > btc.csv",
)
def history(
    context: typer.Context,
    symbol: Annotated[str, typer.Argument(help="A symbol like BTC or ETH/USDT.", show_default=False)],
    *,
    timeframe: Frame = "1m",
    start: Annotated[str | None, typer.Option(help="First bar, ISO 8601; without a zone it is UTC.")] = None,
    end: Annotated[str | None, typer.Option(help="Bars open before this instant; now if left out.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="At most so many bars, the newest.")] = 100,
    provider: Provider = None,
    csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV: timestamp,open,high,low,close,volume.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show closed bars of a symbol, asked of its venue."""
    from crypto_portfolio_analyzer.cli.barprint import as_csv, document, rows
    from crypto_portfolio_analyzer.cli.running import run

    here = session(context)
    settings = here.settings({"symbols": symbol, "provider": provider})
    bars = run(_bars(settings, symbol, timeframe, start, end, limit))
    output = here.output(as_json=as_json)
    if csv:
        for line in as_csv(bars):
            output.say(line)
    elif as_json:
        output.document(document(symbol, bars))
    else:
        output.table(BAR_COLUMNS, rows(bars, settings.language))
        output.note(f"{len(bars)} bars of {bars[-1].venue}. Next: crypto-analyzer data refresh {symbol}")


async def _bars(
    settings: "Settings", symbol: str, timeframe: str, start: str | None, end: str | None, limit: int
) -> "list[Bar]":
    from crypto_portfolio_analyzer.cli.barprint import span
    from crypto_portfolio_analyzer.cli.history import past_bars
    from crypto_portfolio_analyzer.core.timeframes import parse_timeframe
    from crypto_portfolio_analyzer.settings import clock_of

    clock, frame = clock_of(settings), parse_timeframe(timeframe)
    first, until = span(start, end, frame, limit, clock.now())
    return (await past_bars(settings, symbol, frame, first, until, clock=clock))[-limit:]


@described(command, "data refresh BTC ETH --days 7", "data refresh BTC --timeframe 1h --days 365")
def refresh(
    context: typer.Context,
    symbols: Annotated[
        list[str] | None, typer.Argument(help="Symbols; the configured ones if left out.")
    ] = None,
    *,
    timeframe: Frame = "1m",
    days: Annotated[float, typer.Option(min=0.001, max=3650, help="How far back.")] = 1.0,
    provider: Provider = None,
    as_json: Json = False,
) -> None:
    """Fetch bars of the past and store them."""
    from crypto_portfolio_analyzer.cli.running import run

    here = session(context)
    flags = {"provider": provider, "symbols": ",".join(symbols) if symbols else None}
    output = here.output(as_json=as_json)
    told = run(_refresh(here.settings(flags), timeframe, days))
    if as_json:
        output.document({"stored": told})
        return
    for each in told:
        output.say(f"{each['market']}: {each['bars']} bars of {each['venue']} stored")
    output.note("Next: crypto-analyzer data status")


async def _refresh(settings: "Settings", timeframe: str, days: float) -> list[dict[str, Any]]:
    from crypto_portfolio_analyzer.cli.history import past_bars
    from crypto_portfolio_analyzer.core.timeframes import DAY, parse_timeframe
    from crypto_portfolio_analyzer.settings import clock_of
    from crypto_portfolio_analyzer.storage.bars import BarStore
    from crypto_portfolio_analyzer.storage.database import Database
    from crypto_portfolio_analyzer.storage.schema import upgrade

    clock, frame = clock_of(settings), parse_timeframe(timeframe)
    now = clock.now()
    start, end = frame.open_of(now - int(days * DAY)), frame.open_of(now)
    await upgrade(settings.database_url)
    database = Database(settings.database_url, connections=1)
    await database.start()
    try:
        store, told = BarStore(database, settings.retention_days), []
        for text in settings.symbols:
            bars = await past_bars(settings, text, frame, start, end, clock=clock)
            stored = await store.save(bars)
            told.append({"symbol": text, "market": bars[0].symbol, "venue": bars[0].venue, "bars": stored})
    finally:
        await database.stop()
    return told


@described(command, "data status --json")
def status(context: typer.Context, as_json: Json = False) -> None:
    """Show what is stored."""
    from crypto_portfolio_analyzer.api.schemas import iso
    from crypto_portfolio_analyzer.cli.running import run
    from crypto_portfolio_analyzer.core.formats import count
    from crypto_portfolio_analyzer.settings import mask_url

    here = session(context)
    settings = here.settings()
    held = run(_held(settings))
    output = here.output(as_json=as_json)
    if as_json:
        stored = [
            {
                "venue": each.venue,
                "symbol": each.symbol,
                "timeframe": each.timeframe,
                "bars": each.count,
                "first_at": iso(each.first_at),
                "last_at": iso(each.last_at),
            }
            for each in held
        ]
        output.document({"database": mask_url(settings.database_url), "bars": stored})
        return
    rows = [
        [each.venue, each.symbol, each.timeframe, count(each.count, language=settings.language)]
        + [iso(at)[:16].replace("T", " ") for at in (each.first_at, each.last_at)]
        for each in held
    ]
    if rows:
        output.table(HELD_COLUMNS, rows)
    else:
        output.say("nothing is stored yet")
        output.note("Next: crypto-analyzer data refresh BTC")


async def _held(settings: "Settings") -> "list[Held]":
    from crypto_portfolio_analyzer.storage.bars import BarStore
    from crypto_portfolio_analyzer.storage.database import Database
    from crypto_portfolio_analyzer.storage.schema import current

    if await current(settings.database_url) is None:
        return []
    database = Database(settings.database_url, connections=1)
    await database.start()
    try:
        return await BarStore(database).held()
    finally:
        await database.stop()
