"""Price feeds: who is asked for which symbol, who serves it now, and who takes over.

A *watch* is one wanted symbol as somebody spelled it, with the venues that may serve it in order of preference.
A lone `BTC` may fall back to another USD-like quote, labelled; an explicit quote never does.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from itertools import count
from random import Random
from typing import Any

from crypto_portfolio_analyzer.clock import Clock, SystemClock
from crypto_portfolio_analyzer.core.market import SourceChange, Ticker, Trade
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.core.venues import EXCHANGES, Channel, Subscription
from crypto_portfolio_analyzer.errors import FeedError, InvalidInput, InvalidSymbol
from crypto_portfolio_analyzer.streaming.addresses import Addresses, address_of
from crypto_portfolio_analyzer.streaming.bus import EventType, StreamEventBus
from crypto_portfolio_analyzer.streaming.choosing import Candidate, Watch
from crypto_portfolio_analyzer.streaming.history import History
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.ports import BarStore
from crypto_portfolio_analyzer.streaming.rest import RestClient
from crypto_portfolio_analyzer.streaming.transport import Transport
from crypto_portfolio_analyzer.streaming.updates import PriceUpdate, price_data, update_of
from crypto_portfolio_analyzer.streaming.venue import VenueFeed
from crypto_portfolio_analyzer.streaming.views import FeedView, WatchView
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

CHECK_INTERVAL = 10.0
"""Seconds between looks for symbols that no stream serves (S0's fallback check)."""
POLLED_AT_ONCE = 50
"""Symbols asked for in one REST call; an address is not endless."""
CHOOSE_EVERY = 1.0
CHANNELS = (Channel.TRADES, Channel.TICKER)


class PriceFeedProvider(StrEnum):
    """The providers S1 names; every parameter takes any registered exchange's name as well."""

    BINANCE = "binance"
    COINBASE = "coinbase"
    KRAKEN = "kraken"
    MOCK = "mock"


UpdateHandler = Callable[[PriceUpdate], Awaitable[None] | None]


class PriceFeedManager:
    """Prices of wanted symbols from a primary venue, with fallbacks that take over and give back."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        bus: StreamEventBus | None = None,
        market: Market | None = None,
        addresses: Addresses | None = None,
        transport: Transport | None = None,
        random: Random | None = None,
        check_interval: float = CHECK_INTERVAL,
        store: BarStore | None = None,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.bus = bus or StreamEventBus(clock=self.clock)
        self.market = market or Market(clock=self.clock, bus=self.bus)
        self.feeds: dict[str, VenueFeed] = {}
        self.check_interval = check_interval
        self._owns_bus = bus is None
        self._addresses, self._transport, self._random = addresses, transport, random
        self._primary: str | None = None
        self._watches: dict[str, Watch] = {}
        self._asked_of: dict[str, list[Watch]] = {}
        self._nursery = Nursery()
        self._handlers: dict[UpdateHandler, str] = {}
        self._numbers = count(1)
        self._detach: Callable[[], None] | None = None
        self._history = History(self.market, self.clock, store)
        self._running = False

    # --- providers and wishes -----------------------------------------------------------------------------

    def add_provider(self, provider: str, symbols: Sequence[str] = (), is_primary: bool = False) -> None:
        """Ask `provider` for `symbols`, before all others if primary, else after those already added.

        Raises:
            UnknownName: no exchange of that name.
            InvalidSymbol: a symbol that cannot be one.

        """
        name = str(provider)
        exchange = EXCHANGES[name]
        if name not in self.feeds:
            address = address_of(exchange, self._addresses)
            self.feeds[name] = VenueFeed(
                exchange(),
                clock=self.clock,
                market=self.market,
                bus=self.bus,
                rest=RestClient(address.rest_url or "", exchange.limits, self.clock),
                ws_url=address.ws_url,
                transport=self._transport,
                random=self._random,
            )
            if self._running:
                self._nursery.spawn(self._start(self.feeds[name]), name=f"start {name}")
        if is_primary or self._primary is None:
            self._primary = name
        for text in symbols:
            watch = self._ask(text, name, first=is_primary)
            watch.wishes = max(watch.wishes, 1)  # so that others' releases do not end it

    def want(self, text: str) -> WatchView:
        """Want a symbol, in any spelling; the first wish opens its streams at every provider.

        Raises:
            InvalidSymbol: the text is no symbol.
            InvalidInput: no provider was added.

        """
        if not self.feeds:
            raise InvalidInput("no provider to ask for prices; add one first")
        watch = self._watches.get(_key(text)) or self._ask_all(text)
        watch.wishes += 1
        return watch.view(self.clock.now())

    def _ask_all(self, text: str) -> Watch:
        """Make a watch of every provider that can spell the symbol; raises InvalidSymbol if none can."""
        watch, refused = None, None
        for name in self._in_order():
            try:
                watch = self._ask(text, name, first=False)
            except InvalidSymbol as error:
                refused = refused or error
        if watch is None:
            raise refused or InvalidSymbol(text)
        return watch

    def release(self, text: str) -> None:
        """Take a wish back; the last one closes the streams."""
        watch = self._watches.get(_key(text))
        if watch is None:
            return
        watch.wishes -= 1
        if watch.wishes <= 0:
            self._forget(watch)

    @property
    def primary(self) -> VenueFeed:
        """The feed that is asked first; raises InvalidInput if no provider was added."""
        if self._primary is None:
            raise InvalidInput("no provider to ask for prices; add one first")
        return self.feeds[self._primary]

    def _in_order(self) -> list[str]:
        return sorted(self.feeds, key=lambda name: name != self._primary)

    def _ask(self, text: str, name: str, *, first: bool) -> Watch:
        """Add a venue to the candidates of a watch, making the watch if it is new."""
        feed = self.feeds[name]
        symbol = parse_symbol(text).canonical(feed.exchange.default_quote)
        feed.exchange.venue_symbol(symbol)
        watch = self._watches.get(_key(text))
        if watch is None:
            watch = self._watches[_key(text)] = Watch(text, self.clock.now())
        candidate = Candidate(feed, symbol)
        if candidate in watch.candidates:
            return watch
        watch.candidates.insert(0 if first else len(watch.candidates), candidate)
        feed.subscribe([Subscription(symbol, channel) for channel in self._channels(feed)])
        if watch.active is None or first:
            self._activate(watch, candidate, "first choice")
        return watch

    @staticmethod
    def _channels(feed: VenueFeed) -> list[Channel]:
        return [channel for channel in CHANNELS if channel in feed.exchange.channels]

    def _forget(self, watch: Watch) -> None:
        del self._watches[_key(watch.asked)]
        others = {candidate for other in self._watches.values() for candidate in other.candidates}
        for candidate in watch.candidates:
            if candidate not in others:
                subscriptions = [Subscription(candidate.symbol, channel) for channel in Channel]
                candidate.feed.unsubscribe(subscriptions)
        for symbol in {each.symbol for each in watch.candidates} - {each.symbol for each in others}:
            self.market.forget(symbol)
            self._history.forget(symbol)
        self._index(watch, watch.active, None)

    def _activate(self, watch: Watch, candidate: Candidate, reason: str) -> None:
        """Let `candidate` serve the watch."""
        old = watch.active
        watch.choose(candidate, self.clock.now(), reason)
        entry = self.market.entry(candidate.symbol)
        for feed in self.feeds.values():
            seat = feed.seats.get(candidate.symbol)
            if seat is not None and feed is not candidate.feed:
                seat.entry = None
        serving = candidate.seat
        if serving is not None:
            serving.entry = entry
        entry.serve(candidate.name, simulated=candidate.feed.exchange.simulated)
        entry.is_covered = serving is not None and serving.coverage.is_live and not serving.gaps_open
        self._history.want(candidate.feed, candidate.symbol)
        self._index(watch, old, candidate)
        if old is not None:
            logger.warning(
                "source changed", extra={"symbol": watch.asked, "to": candidate.name, "why": reason}
            )
            now = self.clock.now()
            self.bus.emit(SourceChange(watch.asked, old.name, candidate.name, reason, now))

    def _index(self, watch: Watch, old: Candidate | None, new: Candidate | None) -> None:
        """Let the facts of another symbol, or of none, be told to a watch."""
        if old is not None:
            self._asked_of[old.symbol].remove(watch)
            if not self._asked_of[old.symbol]:
                del self._asked_of[old.symbol]
        if new is not None:
            self._asked_of.setdefault(new.symbol, []).append(watch)

    # --- life ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Connect to every provider that has a symbol to deliver."""
        if self._running:
            return
        self._running = True
        if self._owns_bus:
            await self.bus.start()
        await self._nursery.start()
        for feed in list(self.feeds.values()):
            await self._start(feed)
        await self.market.start()
        self._detach = self.bus.attach(self._price_changed, (Trade, Ticker))
        self._nursery.spawn(self._choose_always(), name="choose sources")
        self._nursery.spawn(self._poll_always(), name="poll")

    async def _start(self, feed: VenueFeed) -> None:
        await feed.start()
        self._nursery.spawn(self._history.run(feed), name=f"history {feed.exchange.name}")

    async def stop(self) -> None:
        """Close every connection."""
        if not self._running:
            return
        self._running = False
        if self._detach is not None:
            self._detach()
        await self._nursery.stop()
        for feed in self.feeds.values():
            await feed.stop()
        await self.market.stop()
        if self._owns_bus:
            await self.bus.stop()

    async def _choose_always(self) -> None:
        while True:
            await self.clock.sleep(CHOOSE_EVERY)
            now = self.clock.now()
            for watch in list(self._watches.values()):
                decision = watch.decide(now)
                if decision is not None:
                    self._activate(watch, *decision)

    async def _poll_always(self) -> None:
        """Ask by REST for symbols that no stream serves."""
        while True:
            await self.clock.sleep(self.check_interval)
            now = self.clock.now()
            by_feed: dict[str, list[str]] = {}
            for watch in self._watches.values():
                active = watch.active
                if active is not None and not watch.is_served(now):
                    by_feed.setdefault(active.name, []).append(active.symbol)
            for name, symbols in by_feed.items():
                wanted = sorted(set(symbols))
                for begin in range(0, len(wanted), POLLED_AT_ONCE):
                    await self._poll(self.feeds[name], wanted[begin : begin + POLLED_AT_ONCE])

    async def _poll(self, feed: VenueFeed, symbols: list[str]) -> None:
        request = feed.exchange.tickers_request(symbols)
        if request is None:
            return
        try:
            body = await feed.rest.get(request)
        except FeedError:
            return
        for fact in feed.exchange.decode_tickers(symbols, body, self.clock.now()):
            if isinstance(fact, Ticker) and fact.symbol in self._asked_of:
                self.market.entry(fact.symbol).ticker(fact)
                self.bus.emit(fact)

    # --- handlers -----------------------------------------------------------------------------------------

    def add_handler(self, handler: UpdateHandler) -> None:
        """Call `handler(update)` for every new price; it may be a coroutine function."""
        if handler in self._handlers:
            return
        name = self._handlers[handler] = f"price handler {next(self._numbers)}"
        self.bus.subscribe(
            name, lambda event: handler(update_of(event)), event_types={EventType.PRICE_UPDATE}
        )

    def remove_handler(self, handler: UpdateHandler) -> None:
        """Stop calling `handler`."""
        name = self._handlers.pop(handler, None)
        if name is not None:
            self.bus.unsubscribe(name)

    def _price_changed(self, fact: Trade | Ticker) -> None:
        if not self.bus.wants(EventType.PRICE_UPDATE):
            return
        latest = self.market.latest(fact.symbol)
        if latest is None:
            return
        for watch in self._asked_of.get(fact.symbol, ()):
            data = price_data(watch.asked, latest)
            self.bus.publish_nowait(self.bus.event(EventType.PRICE_UPDATE, data, latest.source))

    # --- what the doors may know --------------------------------------------------------------------------

    def find(self, text: str) -> WatchView | None:
        """Return the watch of a symbol in any spelling; None if nobody wants it."""
        watch = self._watches.get(_key(text))
        if watch is None:
            asked = parse_symbol(text)
            watch = next((each for each in self._watches.values() if each.answers(asked)), None)
        return watch.view(self.clock.now()) if watch else None

    def watches(self) -> list[WatchView]:
        """Return every watch, in the order they were made."""
        now = self.clock.now()
        return [watch.view(now) for watch in self._watches.values()]

    def health(self) -> list[FeedView]:
        """Return the health of every provider."""
        return [feed.view() for feed in self.feeds.values()]

    def get_last_update_time(self, symbol: str) -> datetime | None:
        """Return when a price of `symbol` last came; None if never."""
        view = self.find(symbol)
        latest = self.market.latest(view.symbol) if view else None
        return datetime.fromtimestamp(latest.received_at / 1e9, UTC) if latest else None

    def get_provider_status(self) -> dict[str, dict[str, Any]]:
        """Return status, counts and role of every provider by name."""
        return {
            view.venue: {
                "status": view.status,
                "is_primary": view.venue == self._primary,
                "connections": view.connections,
                "subscriptions": view.subscriptions,
                "messages": view.facts,
                "reconnects": view.reconnects,
                "age_seconds": view.age_seconds,
                "simulated": view.simulated,
                "last_error": view.last_error,
            }
            for view in self.health()
        }


def _key(text: str) -> str:
    parsed = parse_symbol(text)
    return parsed.canonical(default_quote="")


def symbols_of(text: str) -> list[str]:
    """Split a comma-separated list of symbols; an empty text means none."""
    return [part.strip() for part in text.split(",") if part.strip()]
