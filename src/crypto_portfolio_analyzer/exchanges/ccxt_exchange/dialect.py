"""Exchanges that ccxt knows and we do not, as `ccxt:<exchange>`: unified ccxt structures to facts.

ccxt does its own networking, so there is no codec here and nothing is registered. A source in `streaming` owns a
ccxt client and does only this:

1. `connect_class(exchange_id(name))` is the client's class; `CcxtDialect(name)` says what its answers mean;
2. `dialect.channels(client.has)` are the channels it can serve; for each subscription it awaits
   `getattr(client, WATCH[channel])(symbol)` again and again, or polls `FETCH[channel]`, and passes what comes to
   `dialect.facts(channel, answer, received_at)`; symbols are canonical on both sides;
3. it closes the client with `await client.close()`.

ccxt does not tell whether trade ids count up by one, so trades carry none and no gap can be proved.
Structures: https://docs.ccxt.com/#/?id=trade-structure
"""

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, ClassVar

from crypto_portfolio_analyzer.core import gate
from crypto_portfolio_analyzer.core.market import (
    Bar,
    BookSnapshot,
    Fact,
    Level,
    Reject,
    RejectReason,
    Side,
    Ticker,
    Trade,
)
from crypto_portfolio_analyzer.core.numbers import MAX_PRICE, MAX_QUANTITY, refuse_number, refuse_time
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.core.timeframes import parse_timeframe
from crypto_portfolio_analyzer.core.venues import Channel
from crypto_portfolio_analyzer.errors import InvalidInput, InvalidSymbol, UnknownName

PREFIX = "ccxt:"
WATCH: Mapping[Channel, str] = MappingProxyType(
    {
        Channel.TRADES: "watch_trades",
        Channel.TICKER: "watch_ticker",
        Channel.BARS: "watch_ohlcv",
        Channel.BOOK: "watch_order_book",
    }
)
"""The client's coroutine by channel; it returns when there is news."""
FETCH: Mapping[Channel, str] = MappingProxyType(
    {
        Channel.TRADES: "fetch_trades",
        Channel.TICKER: "fetch_ticker",
        Channel.BARS: "fetch_ohlcv",
        Channel.BOOK: "fetch_order_book",
    }
)
"""The client's coroutine that asks once, for polling."""

_HAS = {
    Channel.TRADES: "watchTrades",
    Channel.TICKER: "watchTicker",
    Channel.BARS: "watchOHLCV",
    Channel.BOOK: "watchOrderBook",
}
_IDENTIFIER = re.compile(r"[a-z0-9_]{2,40}")
_MILLISECOND = 1_000_000
_CANDLE = ("timestamp", "open", "high", "low", "close", "volume")
_LEVEL = ("price", "amount")


def is_ccxt(name: str) -> bool:
    """Tell whether `name` asks for an exchange by way of ccxt."""
    return name.startswith(PREFIX)


def exchange_id(name: str) -> str:
    """Return `kucoin` for `ccxt:kucoin`.

    Raises:
        InvalidInput: the name has another form.

    """
    identifier = name.removeprefix(PREFIX)
    if not is_ccxt(name) or not _IDENTIFIER.fullmatch(identifier):
        raise InvalidInput(f"{name[:40]!r} is no exchange of ccxt; write it like ccxt:kucoin")
    return identifier


def connect_class(identifier: str, load: Callable[[str], Any] = import_module) -> Any:
    """Return ccxt's streaming class of an exchange, importing ccxt now; its instances do I/O.

    Raises:
        InvalidInput: ccxt is not installed.
        UnknownName: ccxt has no such exchange.

    """
    try:
        pro = load("ccxt.pro")
    except ModuleNotFoundError as error:
        raise InvalidInput(
            f"{PREFIX}{identifier} needs the extra ccxt; install it with: "
            "pip install 'crypto-portfolio-analyzer[ccxt]'"
        ) from error
    if identifier not in pro.exchanges:
        raise UnknownName("exchange of ccxt", identifier, sorted(pro.exchanges))
    return getattr(pro, identifier)


class CcxtDialect:
    """What the answers of one ccxt client mean. All members are pure; wrong answers come back as rejects."""

    numbered_trades: ClassVar[bool] = False
    simulated: ClassVar[bool] = False
    default_quote: ClassVar[str] = "USDT"

    def __init__(self, name: str) -> None:
        self.name = name
        self.label = f"{exchange_id(name)} (ccxt)"

    def channels(self, has: Mapping[str, object]) -> frozenset[Channel]:
        """Return the channels a client can watch, given its `has`."""
        return frozenset(channel for channel, capability in _HAS.items() if has.get(capability))

    def facts(
        self, channel: Channel, symbol: str, answer: object, received_at: int, timeframe: str = "1m"
    ) -> list[Fact]:
        """Return the facts of what `WATCH[channel]` or `FETCH[channel]` gave for `symbol`, in its order."""
        if channel is Channel.TICKER:
            return [self.ticker(answer, received_at)]
        if channel is Channel.BOOK:
            return [self.book(symbol, answer, received_at)]
        if not isinstance(answer, list):
            return [self._reject(RejectReason.SHAPE, f"{channel}: {gate.shown(answer)}", received_at)]
        if channel is Channel.BARS:
            return [self.bar(symbol, timeframe, row, received_at) for row in answer]
        return [self.trade(told, received_at) for told in answer]

    def trade(self, told: object, received_at: int) -> Fact:
        """Return the trade of `{"symbol":"BTC/USDT","timestamp":1700000000000,"side":"buy","price":1,"amount":2}`."""
        reading = _Reading(told, received_at)
        symbol, event_at = reading.symbol(), reading.instant()
        price, amount = reading.price("price"), reading.price("amount", limit=MAX_QUANTITY)
        side = reading.side()
        if reading.fault:
            return self._reject(*reading.fault, received_at)
        return Trade(self.name, symbol, price, amount, side, None, event_at, received_at)

    def ticker(self, told: object, received_at: int) -> Fact:
        """Return the ticker of a ticker structure; without a time stamp that of its receipt stands in."""
        reading = _Reading(told, received_at)
        symbol, price = reading.symbol(), reading.price("last")
        event_at = received_at if reading.get("timestamp") is None else reading.instant()
        known = {
            key: reading.amount(key)
            for key in ("bid", "ask", "open", "high", "low", "baseVolume", "quoteVolume")
        }
        if reading.fault:
            return self._reject(*reading.fault, received_at)
        change, percent = gate.change_since(price, known["open"])
        return Ticker(
            self.name,
            symbol,
            price,
            event_at,
            received_at,
            bid=gate.known(known["bid"]),
            ask=gate.known(known["ask"]),
            open_24h=gate.known(known["open"]),
            high_24h=gate.known(known["high"]),
            low_24h=gate.known(known["low"]),
            volume_24h=known["baseVolume"],
            quote_volume_24h=known["quoteVolume"],
            change_24h=change,
            change_percent_24h=percent,
        )

    def bar(self, symbol: str, timeframe: str, row: object, received_at: int) -> Fact:
        """Return the bar of `[1700000000000, open, high, low, close, volume]`."""
        reading = _Reading(_named(_CANDLE, row), received_at)
        open_at = reading.instant()
        opened, high, low, close = (reading.price(key) for key in _CANDLE[1:5])
        volume = reading.amount("volume") or 0.0
        if reading.fault:
            return self._reject(*reading.fault, received_at)
        close_at = open_at + parse_timeframe(timeframe).length
        return Bar(
            self.name,
            symbol,
            timeframe,
            open_at,
            close_at,
            opened,
            high,
            low,
            close,
            volume,
            closed=close_at <= received_at,
            received_at=received_at,
        )

    def book(self, symbol: str, told: object, received_at: int) -> Fact:
        """Return the book of `{"bids":[[1.0,2.0]],"asks":[[1.1,3.0]],"timestamp":…,"nonce":…}`."""
        reading = _Reading(told, received_at)
        event_at = received_at if reading.get("timestamp") is None else reading.instant()
        bids, asks = reading.levels("bids"), reading.levels("asks")
        if reading.fault:
            return self._reject(*reading.fault, received_at)
        return BookSnapshot(self.name, symbol, bids, asks, 0, event_at, received_at)

    def _reject(self, reason: RejectReason, detail: str, received_at: int) -> Reject:
        return Reject(self.name, reason, detail, received_at)


class _Reading:
    """A structure on its way through the gate; `fault` is the first thing that was wrong with it."""

    def __init__(self, told: object, received_at: int) -> None:
        self._told: Mapping[str, object] = told if isinstance(told, Mapping) else {}
        self._received_at = received_at
        self.fault: tuple[RejectReason, str] | None = None
        if not isinstance(told, Mapping):
            self.fault = (RejectReason.SHAPE, gate.shown(told))

    def get(self, key: str) -> object:
        return self._told.get(key)

    def symbol(self) -> str:
        told = self.get("symbol")
        try:
            if isinstance(told, str) and parse_symbol(told).canonical() == told:
                return told
        except InvalidSymbol:
            pass
        self._refuse(RejectReason.SYMBOL, "symbol", told)
        return ""

    def side(self) -> Side:
        told = self.get("side")
        if told == "buy":
            return "buy"
        if told == "sell":
            return "sell"
        self._refuse(RejectReason.TYPE, "side", told)
        return "buy"

    def instant(self) -> int:
        told = self.get("timestamp")
        event_at = int(told) * _MILLISECOND if isinstance(told, int | float) and abs(told) < 1e15 else 0
        if refuse_time(event_at, self._received_at):
            self._refuse(RejectReason.TIME, "timestamp", told)
        return event_at

    def price(self, key: str, limit: float = MAX_PRICE) -> float:
        told = self.get(key)
        reason = refuse_number(told, limit=limit)
        if reason:
            self._refuse(reason, key, told)
        return 0.0 if reason else float(told)  # type: ignore[arg-type]  # the gate let it pass

    def amount(self, key: str) -> float | None:
        """Return a number that may be 0, or missing."""
        told = self.get(key)
        if told is None:
            return None
        reason = refuse_number(told, limit=MAX_QUANTITY, zero_ok=True)
        if reason:
            self._refuse(reason, key, told)
        return None if reason else float(told)  # type: ignore[arg-type]  # the gate let it pass

    def levels(self, key: str) -> tuple[Level, ...]:
        told = self.get(key)
        if not isinstance(told, list | tuple):
            self._refuse(RejectReason.SHAPE, key, told)
            return ()
        levels = []
        for each in told:
            level = _Reading(_named(_LEVEL, each), self._received_at)
            levels.append((level.price("price"), level.amount("amount") or 0.0))
            self.fault = self.fault or level.fault
        return tuple(levels)

    def _refuse(self, reason: RejectReason, key: str, told: object) -> None:
        self.fault = self.fault or (reason, f"{key} {gate.shown(told)}")


def _named(names: tuple[str, ...], row: object) -> object:
    """Return the members of a row by name, or what stands in its place."""
    if isinstance(row, list | tuple) and len(row) >= len(names):
        return dict(zip(names, row, strict=False))
    return row
