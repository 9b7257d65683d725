"""The room `prices`: what changed, built once per symbol, handed to everybody who asked for it.

Facts only mark their symbol as changed. At most `FASTEST_HZ` times a second each changed symbol becomes one frame,
shared by all clients that spell it alike; clients that asked alike form one audience and get the same bytes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set

from msgspec import Struct, json

from crypto_portfolio_analyzer.api.clients import Client
from crypto_portfolio_analyzer.api.schemas import iso
from crypto_portfolio_analyzer.api.wire import text_frame
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.market import Fact, Ticker, Trade
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.views import Latest, WatchView

FASTEST_HZ = 50.0
PER_FRAME = 200
"""Prices in one batch: about 60 kB, small against what a client may have unsent."""

AT_ONCE = 32
"""Clients that are told before others get a turn."""

_encode = json.Encoder().encode


class PriceData(Struct):
    """What a `price_update` says: S1's fields, then where the number comes from."""

    symbol: str
    price: float
    change_24h: float | None
    change_percent_24h: float | None
    volume_24h: float | None
    timestamp: str
    market: str
    event_at: str
    received_at: str
    source: str
    kind: str
    stale: bool
    simulated: bool


class PriceUpdate(Struct, tag_field="type", tag="price_update"):
    """The envelope."""

    data: PriceData
    timestamp: str


class Board:
    """The newest frame of each symbol in each spelling, built when first asked for."""

    def __init__(self, market: Market, clock: Clock) -> None:
        self._market, self._clock = market, clock
        self._built: dict[str, dict[tuple[str, bool], bytes]] = {}

    def changed(self, symbols: Iterable[str]) -> None:
        """Forget what was built for `symbols`."""
        for symbol in symbols:
            self._built.pop(symbol, None)

    def forget(self) -> None:
        """Forget everything that was built."""
        self._built.clear()

    def update(self, symbol: str, spelling: str, *, framed: bool = False) -> bytes | None:
        """Return the `price_update` of a symbol as JSON, or as a whole frame; None before its first price."""
        built = self._built.setdefault(symbol, {})
        update = built.get((spelling, framed))
        if update is None:
            latest = self._market.latest(symbol)
            if latest is None:
                return None
            update = self._build(latest, spelling)
            built[spelling, framed] = update = text_frame(update) if framed else update
        return update

    def _build(self, latest: Latest, spelling: str) -> bytes:
        event_at = iso(latest.event_at)
        data = PriceData(
            symbol=spelling,
            price=latest.price,
            change_24h=latest.change_24h,
            change_percent_24h=latest.change_percent_24h,
            volume_24h=latest.volume_24h,
            timestamp=event_at,
            market=latest.symbol,
            event_at=event_at,
            received_at=iso(latest.received_at),
            source=latest.source,
            kind=latest.kind,
            stale=self._market.is_stale(latest.symbol),
            simulated=latest.simulated,
        )
        return _encode(PriceUpdate(data, iso(self._clock.now())))


class Form(Struct, frozen=True):
    """How prices were asked for: spellings (None: all that is watched), in batches or singly, how often."""

    scope: tuple[str, ...] | None
    batch: bool
    every: float


class Audience:
    """Clients that asked for the same in the same form."""

    def __init__(self, form: Form, board: Board, clock: Clock) -> None:
        self.form, self.clients = form, set[Client]()
        self.spellings: Mapping[str, tuple[str, ...]] = {}
        self._board, self._clock = board, clock
        self._pending: dict[str, None] = {}
        self._due = 0.0

    def spell(self, spellings: Mapping[str, tuple[str, ...]]) -> None:
        """Take over which canonical symbols are meant by which spellings."""
        fresh = [symbol for symbol, said in spellings.items() if self.spellings.get(symbol) != said]
        self.spellings = spellings
        self._pending.update(dict.fromkeys(fresh))

    def notice(self, symbols: Set[str]) -> None:
        """Remember which of the changed symbols concern this audience."""
        few, many = sorted((self.spellings.keys(), symbols), key=len)
        for symbol in few:
            if symbol in many:
                self._pending[symbol] = None

    def tell(self, now: float) -> Iterator[int]:
        """Send what changed, if it is time, to some clients at a time; yield the prices handed over."""
        if not self._pending or now < self._due:
            return
        self._due = now + self.form.every
        changed, self._pending = self._pending, {}
        everybody = tuple(self.clients)
        for symbols, frames in self._parts(changed, snapshot=False):
            for start in range(0, len(everybody), AT_ONCE):
                told = [client for client in everybody[start : start + AT_ONCE] if client in self.clients]
                for client in told:
                    client.offer(self, symbols, frames)
                yield len(symbols) * len(told)

    def greet(self, client: Client) -> None:
        """Send every price at once, so that nobody waits for the next tick."""
        for symbols, frames in self._parts(self.spellings, snapshot=True):
            client.offer(self, symbols, frames, snapshot=True)

    def frames(self, symbols: Iterable[str], *, snapshot: bool) -> bytes:
        """Return whole frames with the newest prices of `symbols`."""
        updates = [
            update
            for symbol in symbols
            for spelling in self.spellings.get(symbol, ())
            if (update := self._board.update(symbol, spelling, framed=not self.form.batch)) is not None
        ]
        if not self.form.batch:
            return b"".join(updates)
        if not updates and not snapshot:
            return b""
        head = b'{"type":"batch","snapshot":true,"data":[' if snapshot else b'{"type":"batch","data":['
        return text_frame(
            b'%b%b],"timestamp":"%b"}' % (head, b",".join(updates), iso(self._clock.now()).encode())
        )

    def _parts(self, symbols: Iterable[str], *, snapshot: bool) -> Iterator[tuple[list[str], bytes]]:
        everything = list(symbols)
        for start in range(0, max(len(everything), 1), PER_FRAME):
            part = everything[start : start + PER_FRAME]
            yield part, self.frames(part, snapshot=snapshot)


class Prices:
    """The room itself."""

    def __init__(
        self,
        *,
        market: Market,
        feeds: PriceFeedManager,
        watches: Callable[[], Iterable[WatchView]],
        bus: StreamEventBus,
        clock: Clock,
    ) -> None:
        self._market, self._feeds, self._bus, self._clock = market, feeds, bus, clock
        self._watches = watches
        """What a subscription to everything means."""
        self._board = Board(market, clock)
        self._audiences: dict[Form, Audience] = {}
        self._changed: set[str] = set()
        self._stale: dict[str, bool] = {}
        self._detach: Callable[[], None] | None = None

    def join(self, client: Client, form: Form, *, snapshot: bool = True) -> None:
        """Add a client to those who asked alike, and tell it the last prices."""
        if self._detach is None:
            self._board.forget()
            self._detach = self._bus.attach(self._mark, (Trade, Ticker))
        self._take_changes()
        audience = self._audiences.get(form)
        if audience is None:
            audience = self._audiences[form] = Audience(form, self._board, self._clock)
            audience.spellings = self._spellings(form)
        audience.clients.add(client)
        if snapshot:
            audience.greet(client)

    def forms(self, client: Client) -> list[Form]:
        """Return what a client has asked for."""
        return [form for form, audience in self._audiences.items() if client in audience.clients]

    def leave(self, client: Client, form: Form) -> None:
        """End one subscription of a client."""
        audience = self._audiences.get(form)
        if audience is None:
            return
        audience.clients.discard(client)
        client.forget(audience)
        if not audience.clients:
            del self._audiences[form]
        if not self._audiences and self._detach is not None:
            self._detach()
            self._detach = None

    def flush(self, now: float) -> Iterator[int]:
        """Tell every audience what changed, some clients at a time; yield the prices handed over."""
        self._take_changes()
        for audience in list(self._audiences.values()):
            yield from audience.tell(now)

    def look_again(self) -> None:
        """Once a second: watches may have come, gone or moved to another market, prices gone stale."""
        for form, audience in self._audiences.items():
            audience.spell(self._spellings(form))
        for symbol in {symbol for audience in self._audiences.values() for symbol in audience.spellings}:
            stale = self._market.is_stale(symbol)
            if self._stale.get(symbol, False) != stale:
                self._changed.add(symbol)
            self._stale[symbol] = stale

    def _mark(self, fact: Fact) -> None:
        self._changed.add(fact.symbol)  # type: ignore[union-attr,arg-type]  # only trades and tickers come

    def _take_changes(self) -> None:
        if self._changed:
            changed, self._changed = self._changed, set()
            self._board.changed(changed)
            for audience in self._audiences.values():
                audience.notice(changed)

    def _spellings(self, form: Form) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for spelling, watch in self._meant(form.scope):
            if watch is not None:
                found[watch.symbol] = (*found.get(watch.symbol, ()), spelling)
        return found

    def _meant(self, scope: tuple[str, ...] | None) -> Iterable[tuple[str, WatchView | None]]:
        if scope is None:
            return ((watch.asked, watch) for watch in self._watches())
        return ((text, self._feeds.find(text)) for text in scope)
