"""Recording and replaying: what `stream record` and `stream replay` do and say."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import crypto_portfolio_analyzer
from crypto_portfolio_analyzer.app import feeds_of
from crypto_portfolio_analyzer.cli.alert_tapes import (
    FIRING_COLUMNS,
    firing_document,
    firing_row,
    watching_alerts,
)
from crypto_portfolio_analyzer.cli.feeds import unknown_symbol
from crypto_portfolio_analyzer.cli.output import Column, Output
from crypto_portfolio_analyzer.core.formats import compact, count, local
from crypto_portfolio_analyzer.core.venues import EXCHANGES
from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.settings import Settings, clock_of
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.recorder import Recorder
from crypto_portfolio_analyzer.streaming.replay import guess, replay

SYMBOL_COLUMNS = (
    Column("SYMBOL"),
    Column("FACTS", ">", weight=3),
    Column("TRADES", ">", weight=6),
    Column("FIRST", ">", weight=4),
    Column("LAST", ">", weight=8),
    Column("HIGH", ">", weight=7),
    Column("LOW", ">", weight=7),
    Column("VOLUME", ">", weight=5),
)
STEP = 0.1


def file_name(settings: Settings) -> Path:
    """Return a name that says what, and since when: `binance-20261120T140307Z.jsonl.gz`."""
    from datetime import UTC

    at = local(clock_of(settings).now(), UTC).strftime("%Y%m%dT%H%M%SZ")
    return Path(f"{settings.provider.replace(':', '-')}-{at}.jsonl.gz")


async def recorded(settings: Settings, path: Path, duration: float | None, output: Output) -> None:
    """Record the configured symbols from the provider alone, and say what was kept, even if interrupted."""
    clock = clock_of(settings)
    feeds = feeds_of(settings, clock)
    feeds.add_provider(settings.provider, settings.symbols, is_primary=True)
    feed = feeds.feeds[settings.provider]
    recorder = Recorder(
        feed, path, clock, software=crypto_portfolio_analyzer.__version__, url=feed.exchange.ws_url
    )
    is_new = not await asyncio.to_thread(path.exists)
    output.note(f"recording {', '.join(settings.symbols)} from {settings.provider} to {path}")
    try:
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(recorder.run(duration))
            watching = group.create_task(_refuse_unknown(feeds))
            writing.add_done_callback(lambda _: watching.cancel())
            await asyncio.sleep(0)  # the recorder listens before the first connection opens
            if not writing.done():
                await feeds.start()
    finally:
        await feeds.stop()
        if recorder.stats.frames:
            _say_kept(recorder, path, output)
        elif is_new:
            await asyncio.to_thread(path.unlink, missing_ok=True)


async def _refuse_unknown(feeds: PriceFeedManager) -> None:
    began = feeds.clock.monotonic()
    while True:
        await feeds.clock.sleep(0.5)
        unknown = unknown_symbol(feeds, since=began)
        if unknown is not None:
            raise unknown


def _say_kept(recorder: Recorder, path: Path, output: Output) -> None:
    stats = recorder.stats
    if output.as_json:
        kept = {
            "frames": stats.frames,
            "bytes": stats.bytes,
            "lost": stats.lost,
            "connections": stats.connections,
        }
        output.document({"file": str(path), **kept})
        return
    lost = f", {count(stats.lost)} lost since the disk was too slow" if stats.lost else ""
    output.say(f"{path}: {count(stats.frames)} frames, {compact(stats.bytes)}B{lost}")
    output.note(f"Next: crypto-analyzer stream replay {path}")


def checked_speed(text: str) -> float | None:
    """Read a speed: a multiple of real time, or `max` (None); raises InvalidInput."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 1_000_000:
        raise InvalidInput(f"{text[:20]!r} is no speed; give max, 1, 10 or another multiple of real time")
    return speed


async def replayed(
    files: Sequence[Path],
    exchange: str | None,
    speed: float | None,
    output: Output,
    alerts: Path | None = None,
) -> None:
    """Replay files, with the alerts of a file watching, and print the summary."""
    if exchange is not None:
        EXCHANGES[exchange]
    for path in files:
        path.stat()
    exchange = exchange or guess(files)
    watching = watching_alerts(alerts, exchange, files) if alerts is not None else None
    with progress(output, f"replaying {', '.join(path.name for path in files)}"[:60]) as tell:
        summary = await replay(files, exchange=exchange, speed=speed, progress=tell, listener=watching)
    told = summary.to_dict()
    if watching is not None:
        watching.finish()
        told["firings"] = [firing_document(each) for each in watching.firings]
    if output.as_json:
        output.document(told)
    else:
        _say_seen(told, output)


def _say_seen(told: dict[str, Any], output: Output) -> None:
    facts = ", ".join(f"{count(number)} {kind}" for kind, number in told["facts"].items() if number)
    malformed = sum(told["malformed"].values())
    reasons = ", ".join(f"{reason} {number}" for reason, number in told["malformed"].items())
    output.say(f"{count(told['frames'])} frames: {facts or 'no facts'}")
    output.say(
        f"{count(malformed)} malformed{f' ({reasons})' if reasons else ''}, {count(told['gaps'])} gaps"
    )
    rows = [
        [symbol, count(each["facts"]), count(each["trades"])]
        + [each[key] or "–" for key in ("first", "last", "high", "low", "volume")]
        for symbol, each in told["symbols"].items()
    ]
    output.table(SYMBOL_COLUMNS, rows)
    if told["firings"]:
        output.table(FIRING_COLUMNS, [firing_row(each) for each in told["firings"]])


@contextmanager
def progress(output: Output, what: str) -> Iterator[Callable[[float], None]]:
    """Show how far something is, on standard error: a bar on a terminal, a line at each tenth elsewhere."""
    if output.quiet:
        yield lambda share: None
    elif output.err_is_terminal:
        with _bar(what) as tell:
            yield tell
    else:
        reached = 0.0

        def tell(share: float) -> None:
            nonlocal reached
            if share >= reached + STEP - 1e-9:
                reached = int(share / STEP + 1e-9) * STEP
                output.note(f"{what}: {reached * 100:.0f} %")

        yield tell


@contextmanager
def _bar(what: str) -> Iterator[Callable[[float], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=1.0)
        yield lambda share: shown.update(task, completed=share)
