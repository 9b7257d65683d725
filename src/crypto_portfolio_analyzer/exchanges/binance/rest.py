"""Binance's public REST calls: what to ask, what it weighs, and the facts in the answers.

Weights and limits: https://developers.binance.com/docs/binance-spot-api-docs/rest-api
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from msgspec import Raw, Struct, json

from crypto_portfolio_analyzer.core import gate
from crypto_portfolio_analyzer.core.market import BookSnapshot, Fact, Instrument, Reject, RejectReason
from crypto_portfolio_analyzer.core.numbers import MAX_PRICE
from crypto_portfolio_analyzer.core.venues import Request
from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.exchanges.binance import careful
from crypto_portfolio_analyzer.exchanges.binance.facts import book_snapshot
from crypto_portfolio_analyzer.exchanges.binance.wire import (
    MILLISECOND,
    DepthSnapshot,
    ExchangeInfo,
    Market,
    RestTicker,
)

W = TypeVar("W", bound=Struct)
_ROWS = 1000
_BOOK_LEVELS = 1000
_HOUR = 3600 * 10**9
_UNREADABLE = (ValueError, RecursionError)
_SLACK = 4
_raw_rows: Final = json.Decoder(list[Raw]).decode
_market: Final = json.Decoder(Market, strict=False).decode
_exchange_info: Final = json.Decoder(ExchangeInfo).decode


def past_aggregate_trades(name: str, from_id: int | None, start: int | None, end: int | None) -> Request:
    """Ask for aggregate trades: weight 4, 1000 at most, `fromId` inclusive.

    A span of an hour or more is asked by its start alone, as some hosts refuse it; the answer may then pass its end.
    """
    query: dict[str, str | int] = {"symbol": name, "limit": _ROWS}
    if from_id is not None:
        return Request("/api/v3/aggTrades", {**query, "fromId": from_id}, weight=4)
    if start is not None:
        query["startTime"] = -(-start // MILLISECOND)
    if end is not None and (start is None or end - start < _HOUR):
        query["endTime"] = end // MILLISECOND
    return Request("/api/v3/aggTrades", query, weight=4)


def past_single_trades(name: str, from_id: int | None, start: int | None, end: int | None) -> Request | None:
    """Ask for single trades by id, or the newest ones: weight 25, 1000 at most; there is no call by time."""
    query: dict[str, str | int] = {"symbol": name, "limit": _ROWS}
    if from_id is not None:
        return Request("/api/v3/historicalTrades", {**query, "fromId": from_id}, weight=25)
    return None if start is not None or end is not None else Request("/api/v3/trades", query, weight=25)


def past_bars(name: str, timeframe: str, start: int, end: int) -> Request:
    """Ask for bars that open in `[start, end)`: weight 2, 1000 at most; the venue's `endTime` is inclusive."""
    return Request(
        "/api/v3/klines",
        {
            "symbol": name,
            "interval": timeframe,
            "startTime": -(-start // MILLISECOND),
            "endTime": (end - 1) // MILLISECOND,
            "limit": _ROWS,
        },
        weight=2,
    )


def tickers(names: Sequence[str]) -> Request:
    """Ask for 24 h statistics: weight 2 up to 20 names, 40 up to 100, 80 for more or for all."""
    path = "/api/v3/ticker/24hr"
    if not names:
        return Request(path, weight=80)
    if len(names) == 1:
        return Request(path, {"symbol": names[0]}, weight=2)
    weight = 2 if len(names) <= 20 else 40 if len(names) <= 100 else 80
    return Request(path, {"symbols": json.encode(list(names)).decode()}, weight=weight)


def instruments() -> Request:
    """Ask for the list of markets: weight 20."""
    return Request("/api/v3/exchangeInfo", weight=20)


def book(name: str) -> Request:
    """Ask for the best 1000 levels of each side: weight 50 (5000 levels would weigh 250)."""
    return Request("/api/v3/depth", {"symbol": name, "limit": _BOOK_LEVELS}, weight=50)


class Answer:
    """The body of a REST answer, and when it came (ns)."""

    def __init__(self, venue: str, body: bytes, received_at: int) -> None:
        self._venue, self._body, self._received_at = venue, body.strip(), received_at

    def rows(self, kind: type[W], build: Callable[[W], Fact | None]) -> list[Fact]:
        """Return the facts of a JSON array, or of one object, in order; a bad row becomes a Reject."""
        try:
            rows = self._rows(kind)
        except _UNREADABLE:
            return [self._refusal()]
        parse: Callable[[Raw], W] = json.Decoder(kind, strict=False).decode
        facts: list[Fact] = []
        usual = 0
        for raw in rows:
            text = bytes(raw)
            is_usual = len(text) <= usual and not careful.hides_exponent(text)
            fact = _quickly(parse, raw, build) if is_usual else None
            if fact is None:
                fact = self._exactly(kind, text, build)
                usual = usual if isinstance(fact, Reject) else max(usual, len(text) + _SLACK)
            facts.append(fact)
        return facts

    def book(self, symbol: str) -> BookSnapshot | Reject:
        """Return the snapshot of a depth answer."""
        try:
            wire = careful.read(DepthSnapshot, gate.as_text(self._body), self._received_at)
        except ValueError:
            return self._refusal()
        if isinstance(wire, careful.Fault):
            return self._reject(wire.reason, f"depth: {wire.detail}")
        snapshot = book_snapshot(self._venue, symbol, wire, self._received_at)
        return snapshot or self._reject(RejectReason.TIME, "depth: E is ahead of us")

    def _rows(self, kind: type[Struct]) -> list[Raw]:
        """Return the rows; the statistics of a single symbol come without an array."""
        if kind is RestTicker and self._body.startswith(b"{") and b'"symbol"' in self._body:
            return [Raw(self._body)]
        return _raw_rows(self._body)

    def _exactly(self, kind: type[W], text: bytes, build: Callable[[W], Fact | None]) -> Fact:
        name = kind.__name__
        try:
            wire = careful.read(kind, gate.as_text(text), self._received_at)
        except ValueError as error:
            return self._reject(RejectReason.JSON, f"{name}: {gate.shown(str(error))}")
        if isinstance(wire, careful.Fault):
            return self._reject(wire.reason, f"{name}: {wire.detail}")
        try:
            fact = build(wire)
        except InvalidSymbol as error:
            return self._reject(RejectReason.SYMBOL, f"{name}: {gate.shown(error.text)}")
        return fact or self._reject(RejectReason.RANGE, f"{name} contradicts itself")

    def _refusal(self) -> Reject:
        """Return the reject of an answer that is no list, as `{"code":-1121,"msg":"Invalid symbol."}`."""
        try:
            answer = gate.as_text(self._body)
        except ValueError as error:
            return self._reject(RejectReason.JSON, gate.shown(str(error)))
        told = answer.get("msg", answer) if isinstance(answer, dict) else answer
        return self._reject(RejectReason.SHAPE, f"no rows: {gate.shown(told)}")

    def _reject(self, reason: RejectReason, detail: str) -> Reject:
        return Reject(self._venue, reason, detail, self._received_at)


def _quickly(parse: Callable[[Raw], W], raw: Raw, build: Callable[[W], Fact | None]) -> Fact | None:
    try:
        return build(parse(raw))
    except (*_UNREADABLE, InvalidSymbol):
        return None


def read_instruments(venue: str, body: bytes) -> list[Instrument]:
    """Return the markets of an exchange-info answer; unreadable entries are left out."""
    try:
        entries = _exchange_info(body).symbols
    except _UNREADABLE:
        return []
    found = []
    for raw in entries:
        try:
            market = _market(raw)
        except _UNREADABLE:
            continue
        found.append(_instrument(venue, market))
    return found


def _instrument(venue: str, market: Market) -> Instrument:
    step = next((rule.tick_size for rule in market.filters if rule.tick_size is not None), None)
    return Instrument(
        venue,
        f"{market.base_asset}/{market.quote_asset}",
        market.symbol,
        market.base_asset,
        market.quote_asset,
        step if step is not None and 0 < step < MAX_PRICE else None,
        market.status == "TRADING",
    )
