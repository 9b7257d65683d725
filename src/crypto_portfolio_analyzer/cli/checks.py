"""What `doctor` looks at: each check says how it is and, if it is not well, what mends it."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal

import aiohttp

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.formats import duration
from crypto_portfolio_analyzer.core.market import Control, ControlKind, Reject
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.core.venues import EXCHANGES, Channel, Exchange, Subscription
from crypto_portfolio_analyzer.errors import AnalyzerError, ConnectionLost, InvalidSymbol
from crypto_portfolio_analyzer.settings import PREFIX, Settings
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.schema import current, head
from crypto_portfolio_analyzer.streaming.addresses import Address, address_of
from crypto_portfolio_analyzer.streaming.transport import transport_for

State = Literal["fine", "hint", "failed"]

PATIENCE = 10.0
"""Seconds that a venue may take to answer."""
LEAST_FREE_BYTES = 500 * 1000 * 1000
MOST_CLOCK_ERROR = 2.0
"""Seconds; servers tell their time in whole ones."""
OK = 200


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `fix` is a command to paste, or what to do."""

    name: str
    state: State
    detail: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class VenueCheck:
    """How a venue can be reached, and how far its clock is from ours (seconds, None if it told no time)."""

    check: Check
    clock_error: float | None


async def examine(settings: Settings, clock: Clock) -> list[Check]:
    """Look at everything, venues at the same time."""
    names = venues_of(settings)
    venues = await asyncio.gather(*(check_venue(name, settings, clock) for name in names))
    return [
        check_clock([venue.clock_error for venue in venues]),
        check_disk(settings.data_dir),
        await check_database(settings),
        check_keys(settings),
        *(venue.check for venue in venues),
    ]


def venues_of(settings: Settings) -> list[str]:
    """Return the venues that matter here: the provider, its fallbacks, and those with settings of their own."""
    from crypto_portfolio_analyzer.app import FALLBACKS

    stated = [name for name in settings.exchanges if name in EXCHANGES]
    names = dict.fromkeys([settings.provider, *FALLBACKS.get(settings.provider, ()), *stated])
    return [name for name in names if not EXCHANGES[name].ws_url.startswith("mock:")]


def check_clock(errors: Sequence[float | None]) -> Check:
    """Compare our clock with the venues'."""
    known = sorted(error for error in errors if error is not None)
    if not known:
        return Check("clock", "hint", "no server told its time", "check it yourself: timedatectl")
    median = known[len(known) // 2]
    words = f"{duration(abs(median))} {'ahead of' if median > 0 else 'behind'} {len(known)} servers"
    if abs(median) > MOST_CLOCK_ERROR:
        return Check("clock", "failed", words, "set it: timedatectl set-ntp true")
    return Check("clock", "fine", f"within {MOST_CLOCK_ERROR:.0f} s of {len(known)} servers")


def check_disk(folder: Path) -> Check:
    """Look for room in the data folder, and for the right to write there."""
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    if not os.access(existing, os.W_OK):
        return Check("disk", "failed", f"cannot write to {existing}", f"export {PREFIX}DATA_DIR=…")
    free = shutil.disk_usage(existing).free
    words = f"{free / 1e9:,.1f} GB free in {folder}"
    if free < LEAST_FREE_BYTES:
        return Check("disk", "failed", words, f"make room, or: export {PREFIX}DATA_DIR=…")
    return Check("disk", "fine", words)


async def check_database(settings: Settings) -> Check:
    """Reach the database and compare its schema with the one we know."""
    try:
        async with asyncio.timeout(PATIENCE):
            revision = await current(settings.database_url)
            if revision is not None:
                database = Database(settings.database_url, connections=1)
                await database.start()
                await database.stop()
    except (AnalyzerError, TimeoutError) as error:
        why = str(error) or "no answer"
        return Check("database", "failed", why, f"check {PREFIX}DATABASE_URL")
    kind = settings.database_url.partition("+")[0]
    if revision is None:
        return Check("database", "hint", f"{kind}, still empty", "crypto-analyzer db upgrade")
    if revision != head():
        return Check(
            "database", "hint", f"{kind}, schema {revision}, {head()} is newer", "crypto-analyzer db upgrade"
        )
    return Check("database", "fine", f"{kind}, schema {revision}")


def check_keys(settings: Settings) -> Check:
    """Say which venues have a key; public market data needs none."""
    given = [name for name, each in settings.exchanges.items() if each.api_key]
    return Check("keys", "fine", f"given for {', '.join(given)}" if given else "none needed, none given")


async def check_venue(name: str, settings: Settings, clock: Clock) -> VenueCheck:
    """Ask a venue over REST, then wait for the first message of a stream."""
    exchange = EXCHANGES[name]()
    chosen = settings.exchange(name)
    address = address_of(EXCHANGES[name], {name: Address(chosen.ws_url, chosen.rest_url)})
    symbol = _probe_symbol(settings, exchange)
    rest, stream = await asyncio.gather(
        _ask_rest(exchange, address.rest_url or "", symbol, clock),
        _ask_stream(exchange, address.ws_url or "", symbol, clock),
    )
    failed = [side for side in (rest, stream) if not side.is_well]
    if not failed:
        return VenueCheck(Check(name, "fine", f"{rest.words}, {stream.words}"), rest.clock_error)
    words = "; ".join(side.words for side in (rest, stream))
    variable = f"{PREFIX}EXCHANGES__{name.upper()}__{failed[0].setting}"
    fix = f"allow it in your network, or: export {variable}={failed[0].example}"
    return VenueCheck(Check(name, "failed", words, fix), rest.clock_error)


@dataclass(frozen=True, slots=True)
class _Side:
    is_well: bool
    words: str
    setting: str
    example: str
    clock_error: float | None = None


async def _ask_rest(exchange: Exchange, base: str, symbol: str, clock: Clock) -> _Side:
    request = exchange.tickers_request([symbol])
    path, query = (request.path, request.query) if request else ("/", {})
    began = clock.monotonic()
    try:
        async with (
            asyncio.timeout(PATIENCE),
            aiohttp.ClientSession(trust_env=False) as session,
            session.get(base + path, params=query) as answer,
        ):
            text = (await answer.content.read(200)).decode("utf-8", "replace")
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return _Side(False, f"REST {base}: {str(error) or 'no answer'}", "REST_URL", "https://…")
    took = clock.monotonic() - began
    ahead = _clock_error(answer.headers.get("Date"), clock.now(), took)
    if answer.status != OK:
        return _Side(False, f"REST {base} answered {answer.status}: {text}", "REST_URL", "https://…", ahead)
    return _Side(True, f"REST {duration(took)}", "REST_URL", "https://…", ahead)


async def _ask_stream(exchange: Exchange, base: str, symbol: str, clock: Clock) -> _Side:
    wanted = [Subscription(symbol, Channel.TICKER if Channel.TICKER in exchange.channels else Channel.TRADES)]
    decoder, heard = exchange.decoder(), asyncio.Event()
    refusals: list[str] = []

    def receive(frame: bytes) -> None:
        for fact in decoder.decode(frame, clock.now()):
            if isinstance(fact, Control) and fact.kind is ControlKind.REFUSED:
                refusals.append(fact.text)
            if not isinstance(fact, Reject):
                heard.set()

    began = clock.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            transport = transport_for(base)
            url = exchange.url(base, wanted)
            connection = await transport.connect(url, receive, headers={}, timeout=PATIENCE, clock=clock)
            for message in exchange.subscribe(wanted[exchange.in_url(wanted) :], 1):
                connection.send(message.text)
            await heard.wait()
            connection.close()
    except (ConnectionLost, TimeoutError) as error:
        return _Side(False, f"stream {str(error) or base + ': no message'}", "WS_URL", "wss://…")
    if refusals:
        return _Side(False, f"stream {base} refused {symbol}: {refusals[0]}", "WS_URL", "wss://…")
    return _Side(True, f"first socket frame after {duration(clock.monotonic() - began)}", "WS_URL", "wss://…")


def _probe_symbol(settings: Settings, exchange: Exchange) -> str:
    for text in (*settings.symbols, "BTC"):
        symbol = parse_symbol(text).canonical(exchange.default_quote)
        try:
            exchange.venue_symbol(symbol)
        except InvalidSymbol:
            continue
        return symbol
    return f"BTC/{exchange.default_quote}"


def _clock_error(date: str | None, now: int, took: float) -> float | None:
    """Return how many seconds our clock is ahead of a server that answered in the middle of `took`."""
    try:
        server = (
            parsedate_to_datetime(date or "").timestamp() + 0.5
        )  # whole seconds: on average half a one ago
    except ValueError:
        return None
    return now / 1e9 - took / 2 - server
