"""Replay: recordings through the live path, on the clock of their receive times.

The same frames give the same facts, byte for byte: nothing here reads another clock or rolls dice.
"""

import gzip
import heapq
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol

from crypto_portfolio_analyzer.clock import Clock, SystemClock
from crypto_portfolio_analyzer.core.market import (
    Bar,
    BookDelta,
    BookSnapshot,
    Control,
    Fact,
    Gap,
    Quote,
    Reject,
    Ticker,
    Trade,
)
from crypto_portfolio_analyzer.core.venues import EXCHANGES, Channel, Decoder, Subscription
from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.exchanges.recordings import (
    Record,
    RecordFormat,
    RecordKind,
    detect,
    guess_exchange,
    read,
)
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.lines import Line, Request
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.rest import RestClient
from crypto_portfolio_analyzer.streaming.transport import Closed, OnFrame
from crypto_portfolio_analyzer.streaming.venue import VenueFeed

KINDS = ("trade", "ticker", "quote", "bar", "book", "control", "other")
UNREADABLE = "unreadable"
"""Counted with the malformed: a line that is none of a recording, and the cut end of a packed file."""
_KIND_OF: dict[type, str] = {BookSnapshot: "book", BookDelta: "book", Control: "control"}
_CHANNEL_OF: dict[type, Channel] = {
    Trade: Channel.TRADES,
    Ticker: Channel.TICKER,
    Quote: Channel.QUOTES,
    Bar: Channel.BARS,
    BookSnapshot: Channel.BOOK,
    BookDelta: Channel.BOOK,
}
_PROGRESS_EVERY = 1000
_CUT = b"the file ends in the middle"


class TapeClock:
    """A clock that shows the receive time of the frame at hand."""

    def __init__(self) -> None:
        self.at = 0

    def now(self) -> int:
        """Return the frame's receive time in ns UTC."""
        return self.at

    def monotonic(self) -> float:
        """Return the same in seconds."""
        return self.at / 1e9

    async def sleep(self, seconds: float) -> None:
        """Refuse: a tape does not wait."""
        message = "a replay waits for nothing"
        raise RuntimeError(message)


class Tally:
    """What one symbol did, counted before ordering; prices and quantities summed exactly."""

    __slots__ = ("facts", "first", "high", "last", "low", "trades", "volume")

    def __init__(self) -> None:
        self.facts = self.trades = 0
        self.first = self.last = self.high = self.low = 0.0
        self.volume = Decimal(0)

    def trade(self, trade: Trade) -> None:
        """Count one trade, in wire order."""
        price = trade.price
        if not self.trades:
            self.first = self.high = self.low = price
        self.trades += 1
        self.last = price
        self.high, self.low = max(self.high, price), min(self.low, price)
        self.volume += Decimal(repr(trade.quantity))

    def to_dict(self) -> dict[str, Any]:
        """Return the counts; the five numbers are decimal texts, None without trades."""
        numbers = {
            key: _text(getattr(self, key)) if self.trades else None
            for key in ("first", "last", "high", "low")
        }
        volume = format(self.volume.normalize(), "f") if self.trades else None
        return {"facts": self.facts, "trades": self.trades, **numbers, "volume": volume}


class ReplaySummary:
    """What a replay saw."""

    def __init__(self) -> None:
        self.frames = 0
        self.facts: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
        self.malformed: Counter[str] = Counter()
        self.symbols: dict[str, Tally] = {}
        self.gaps = 0
        self.bars = 0
        """Minutes closed."""

    def count(self, fact: Fact) -> None:
        """Count one decoded fact or reject."""
        if isinstance(fact, Reject):
            self.malformed[fact.reason] += 1
            return
        self.facts[_KIND_OF.get(type(fact)) or type(fact).__name__.lower()] += 1
        symbol = getattr(fact, "symbol", None)
        if symbol is None or isinstance(fact, Control):
            return
        tally = self.symbols.setdefault(symbol, Tally())
        tally.facts += 1
        if isinstance(fact, Trade):
            tally.trade(fact)

    def to_dict(self) -> dict[str, Any]:
        """Return the summary in the shape of the contract."""
        return {
            "frames": self.frames,
            "facts": dict(self.facts),
            "malformed": {str(reason): count for reason, count in sorted(self.malformed.items())},
            "symbols": {symbol: tally.to_dict() for symbol, tally in sorted(self.symbols.items())},
            "gaps": self.gaps,
            "firings": [],
        }


class Listener(Protocol):
    """Somebody who follows a replay closer than the bus lets him: told of time and of symbols, before facts."""

    def begin(self, running: "Replay", at: int) -> None:
        """Get ready; `at` (ns) is the instant of the first record, which comes next."""
        ...

    def meet(self, symbol: str) -> None:
        """Take note of a symbol whose first fact comes next."""
        ...

    def advance(self, now: int) -> None:
        """Let time go on to `now` (ns); minutes that are over by then are closed."""
        ...


class _CountingDecoder:
    """Counts what a connection's decoder reads, and gives every new symbol a seat and a subscription."""

    def __init__(
        self, line: Line, summary: ReplaySummary, feed: VenueFeed, listener: Listener | None
    ) -> None:
        self._inner: Decoder = line.decoder
        self._line, self._summary, self._feed, self._listener = line, summary, feed, listener

    def decode(self, frame: bytes, received_at: int) -> Sequence[Fact]:
        facts = self._inner.decode(frame, received_at)
        for fact in facts:
            self._summary.count(fact)
            channel = _CHANNEL_OF.get(type(fact))
            if channel is not None:
                self._carry(Subscription(fact.symbol, channel))  # type: ignore[arg-type, union-attr]  # these have one
        return facts

    def _carry(self, subscription: Subscription) -> None:
        if subscription in self._line.subscriptions:
            return
        self._line.subscriptions[subscription] = Request.ACKED
        symbol, feed = subscription.symbol, self._feed
        if symbol not in feed.seats:
            entry = feed.market.entry(symbol)
            entry.serve(feed.exchange.name)
            feed.seat(symbol).entry = entry
            if self._listener is not None:
                self._listener.meet(symbol)


class Replay:
    """One venue's recording on its way through decoder, order, market and bus; `listener` follows it."""

    def __init__(
        self, exchange: str, *, bus: StreamEventBus | None = None, listener: Listener | None = None
    ) -> None:
        chosen = EXCHANGES[exchange]()
        self._listener = listener
        self._has_begun = False
        self.clock = TapeClock()
        self.bus = bus or StreamEventBus(clock=self.clock)
        self.market = Market(clock=self.clock, bus=self.bus)
        self.summary = ReplaySummary()
        rest = RestClient("", chosen.limits, self.clock)
        self._feed = VenueFeed(
            chosen, clock=self.clock, market=self.market, bus=self.bus, rest=rest, can_fetch=False
        )
        self._open: dict[str, tuple[Line, OnFrame]] = {}
        self.bus.attach(self._gap, (Gap,))
        self.bus.attach(self._bar, (Bar,))

    @property
    def venue(self) -> VenueFeed:
        """The feed that everything goes through."""
        return self._feed

    def feed(self, record: Record, tape: str = "") -> None:
        """Take the next record, oldest first; connections of different tapes are different ones."""
        if record.kind is RecordKind.UNREADABLE:
            self.summary.malformed[UNREADABLE] += 1
            return
        self._go_on(record.at_ns)
        name = f"{tape}{record.connection}"
        if record.kind is RecordKind.RECEIVED:
            self.summary.frames += 1
            if name not in self._open:
                self._connect(name)
            self._open[name][1](record.raw)
        elif record.kind is RecordKind.OPENED:
            self._lose(name)  # some formats do not tell of a connection's end
            self._connect(name)
        elif record.kind is RecordKind.CLOSED:
            self._lose(name)

    def finish(self) -> ReplaySummary:
        """Let the last holes run out and return what was seen."""
        self.clock.at += 60_000_000_000
        self._feed.expire(self.clock.at)
        return self.summary

    def _go_on(self, at: int) -> None:
        """Let time go on before anything that comes at `at` (ns)."""
        self.clock.at = max(self.clock.at, at)
        if self._listener is not None and not self._has_begun and at:  # a header may have no instant
            self._has_begun = True
            self._listener.begin(self, at)
        self._feed.expire(self.clock.at)
        self.market.advance(self.clock.at)
        if self._listener is not None and self._has_begun:
            self._listener.advance(self.clock.at)

    def _connect(self, name: str) -> None:
        line = self._feed.plan.detached(name)
        line.decoder = _CountingDecoder(line, self.summary, self._feed, self._listener)
        self._open[name] = line, self._feed.reader(line)

    def _lose(self, name: str) -> None:
        """Take a connection down; what another one carries too is not lost."""
        if name not in self._open:
            return
        line, _ = self._open.pop(name)
        for other, _ in self._open.values():
            for each in other.subscriptions:
                line.subscriptions.pop(each, None)
        self._feed.down(line, Closed(1006))

    def _gap(self, _gap: Gap) -> None:
        self.summary.gaps += 1

    def _bar(self, bar: Bar) -> None:
        self.summary.bars += bar.timeframe == "1m" and bar.closed and not bar.corrected


async def replay(
    paths: Sequence[Path],
    *,
    exchange: str | None = None,
    speed: float | None = None,
    clock: Clock | None = None,
    bus: StreamEventBus | None = None,
    progress: Callable[[float], None] | None = None,
    listener: Listener | None = None,
) -> ReplaySummary:
    """Replay recordings, merged by time; `speed` is a multiple of real time, None as fast as possible.

    `progress` is told the share (0 to 1) of the bytes read, `listener` of time and symbols.

    Raises:
        InvalidInput: a file that is no recording, or whose exchange cannot be told.
        UnknownName: no exchange of that name.

    """
    running = Replay(exchange or guess(paths), bus=bus, listener=listener)
    pace = _Pacing(clock or SystemClock(), speed) if speed is not None else None
    for count, (at, tape, record) in enumerate(_merged(paths, progress)):
        if pace is not None and at:  # a header may have no instant
            await pace.wait_for(at)
        elif count % _PROGRESS_EVERY == 0:
            await SystemClock.sleep(0)
        running.feed(record, tape)
    return running.finish()


def guess(paths: Sequence[Path]) -> str:
    """Return the exchange whose frames the first telling file holds.

    Raises:
        InvalidInput: none of them tells, or a file is no recording.

    """
    for path in paths:
        name = guess_exchange(records(path))
        if name is not None:
            return name
    first, known = paths[0].name, ", ".join(EXCHANGES)
    if _format(paths[0]) is RecordFormat.PP:
        raise InvalidInput(
            f"{first} holds messages of PumpPortal, which no exchange here reads; "
            f"with --exchange they are counted as if they were its own ({known})"
        )
    raise InvalidInput(f"the exchange of {first} cannot be told; name it with --exchange ({known})")


class _Pacing:
    def __init__(self, clock: Clock, speed: float) -> None:
        self._clock, self._speed = clock, speed
        self._first: int | None = None
        self._started = clock.monotonic()

    async def wait_for(self, at: int) -> None:
        if self._first is None:
            self._first = at
        due = self._started + (at - self._first) / 1e9 / self._speed
        await self._clock.sleep(max(0.0, due - self._clock.monotonic()))


def _merged(
    paths: Sequence[Path], progress: Callable[[float], None] | None
) -> Iterator[tuple[int, str, Record]]:
    """Yield instant (ns), tape and record of all files by time; equal instants in the order of the files."""
    total = sum(path.stat().st_size for path in paths) or 1
    done = [0] * len(paths)

    def tell(index: int, position: int) -> None:
        done[index] = position
        if progress is not None:
            progress(min(1.0, sum(done) / total))

    def reading(index: int, path: Path) -> Iterator[tuple[int, str, Record]]:
        for record in records(path, partial(tell, index)):
            yield record.at_ns, f"{index}:", record

    return heapq.merge(*(reading(*each) for each in enumerate(paths)), key=itemgetter(0))


def records(path: Path, tell: Callable[[int], None] | None = None) -> Iterator[Record]:
    """Yield what one file holds, packed or not; the torn end of a cut one is UNREADABLE.

    Raises:
        InvalidInput: the file is no recording.

    """
    try:
        yield from read(_lines(path, tell))
    except InvalidInput as error:
        raise InvalidInput(f"{path.name}: {error}") from error


def _format(path: Path) -> RecordFormat:
    try:
        return detect(_lines(path))
    except InvalidInput as error:
        raise InvalidInput(f"{path.name}: {error}") from error


def _lines(path: Path, tell: Callable[[int], None] | None = None) -> Iterator[bytes]:
    with path.open("rb") as raw:
        is_packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        source: Iterable[bytes] = gzip.GzipFile(fileobj=raw) if is_packed else raw
        try:
            for count, line in enumerate(source):
                if tell is not None and count % _PROGRESS_EVERY == 0:
                    tell(raw.tell())
                yield line
        except (EOFError, gzip.BadGzipFile, zlib.error):
            yield _CUT
        if tell is not None:
            tell(raw.tell())


def _text(number: float) -> str:
    return f"{Decimal(repr(number)):f}"
