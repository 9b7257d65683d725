"""The simulated Kraken, WebSocket v2: what it lets clients say. Channels and REST have their own files."""

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from crypto_portfolio_analyzer.simulation.connection import Connection
from crypto_portfolio_analyzer.simulation.kraken_rest import KrakenRest
from crypto_portfolio_analyzer.simulation.kraken_streams import DEPTHS, INTERVALS, Key, KrakenStreams
from crypto_portfolio_analyzer.simulation.kraken_wire import Wire
from crypto_portfolio_analyzer.simulation.limits import VenueLimits, Violation
from crypto_portfolio_analyzer.simulation.market import Market
from crypto_portfolio_analyzer.simulation.tape import Tape
from crypto_portfolio_analyzer.simulation.venue import VENUES, Reply
from crypto_portfolio_analyzer.simulation.wording import SECOND, encode, iso

_OPTIONS: dict[str, tuple[str, tuple[object, ...]]] = {
    "book": ("depth", DEPTHS),
    "ohlc": ("interval", INTERVALS),
    "ticker": ("event_trigger", ("trades", "bbo")),
}
"""The option a channel takes and its values, the first being the default."""
_CHANNELS = ("trade", *_OPTIONS)
_HEARTBEAT = b'{"channel":"heartbeat"}'


class _RefusedError(Exception):
    """A request the venue declines."""

    def __init__(
        self, text: str, symbol: str | None = None, violation: Violation = Violation.BAD_REQUEST
    ) -> None:
        super().__init__(text)
        self.text, self.symbol, self.violation = text, symbol, violation


@VENUES("kraken")
class Kraken:
    """Kraken spot as its documents describe it (docs.kraken.com, spot WebSocket v2)."""

    name: ClassVar[str] = "kraken"
    label: ClassVar[str] = "Kraken (simulated)"
    limits: ClassVar[VenueLimits] = VenueLimits(
        messages=100,
        messages_window=1.0,
        streams=1_000_000,
        connections=150,
        connections_window=600.0,
        rest_weight=15,
        rest_window=10.0,
        ban_after=20,
    )

    def __init__(self, tape: Tape) -> None:
        self.market = Market(tape.venue(self.name, ("USD", "USDT")))
        self.complaints: list[Violation] = []
        self._wires = [Wire(listing) for listing in self.market.tape.listings]
        self._by_symbol = {wire.symbol: number for number, wire in enumerate(self._wires)}
        self._streams = KrakenStreams(self.market, self._wires)
        self._rest = KrakenRest(self.market, self._wires)
        self._second = 0

    def opened(self, connection: Connection, now: int) -> None:
        """Tell the system's status."""
        status = {
            "api_version": "v2", "connection_id": 12_393_906_104_898_154_000 + connection.number,
            "system": "online", "version": "2.0.10",
        }  # fmt: skip
        connection.send(encode({"channel": "status", "data": [status], "type": "update"}))

    def received(self, connection: Connection, text: str, now: int) -> None:
        """Obey a request, or say in Kraken's words why not."""
        request: dict[str, Any] = {}
        try:
            request = _read(text)
            if request["method"] == "ping":
                connection.send(self._answered(request, now))
                return
            self._change(connection, request, now)
        except _RefusedError as refused:
            self.complaints.append(refused.violation)
            connection.send(self._answered(request, now, refused=refused))

    def closed(self, connection: Connection) -> None:
        """End its subscriptions."""
        self._streams.forget(connection)

    def advance(self, now: int) -> None:
        """Queue what became due; whoever subscribed to anything gets a heartbeat each second."""
        self._streams.advance(now)
        if now // SECOND != self._second:
            self._second = now // SECOND
            listeners = {id(one): one for _, everyone in self._streams.feeds.everyone() for one in everyone}
            for connection in listeners.values():
                connection.send(_HEARTBEAT)

    def mute(self, text: str, *, lasting: bool) -> int:
        """Silence subscriptions."""
        return self._streams.mute(text, lasting=lasting)

    def unmute(self, text: str) -> None:
        """End a silence."""
        self._streams.unmute(text)

    def is_trade(self, payload: bytes) -> bool:
        """Tell whether a payload is a trade message."""
        return payload.startswith(b'{"channel":"trade","type":"update"')

    def shutdown_notice(self, connection: Connection, now: int) -> bytes | None:
        """Return the status that says maintenance."""
        status = {"api_version": "v2", "connection_id": 0, "system": "maintenance", "version": "2.0.10"}
        return encode({"channel": "status", "data": [status], "type": "update"})

    def weight(self, path: str, query: Mapping[str, str]) -> int:
        """Return 1: every public request costs the same."""
        return 1

    def answer(self, path: str, query: Mapping[str, str], now: int) -> Reply:
        """Answer a REST request."""
        return self._rest.answer(path, query, now)

    def refusal(self, status: int, wait: float) -> Reply:
        """Return Kraken's error body."""
        return self._rest.refusal(status, wait)

    def budget_headers(self, used: int) -> Mapping[str, str]:
        """Return nothing: this venue does not tell."""
        return {}

    def _change(self, connection: Connection, request: dict[str, Any], now: int) -> None:
        params = request.get("params")
        if not isinstance(params, dict) or params.get("channel") not in _CHANNELS:
            channel = params.get("channel") if isinstance(params, dict) else None
            text = f"Channel not supported {str(channel)[:40]}" if channel else "Missing field: channel"
            raise _RefusedError(text, violation=Violation.UNKNOWN_STREAM)
        symbols = params.get("symbol")
        if not isinstance(symbols, list) or not symbols:
            raise _RefusedError("Missing field: symbol")
        for symbol in symbols:
            try:
                self._change_one(connection, request, params, symbol, now)
            except _RefusedError as refused:
                self.complaints.append(refused.violation)
                connection.send(self._answered(request, now, refused=refused))

    def _change_one(
        self,
        connection: Connection,
        request: dict[str, Any],
        params: dict[str, Any],
        symbol: object,
        now: int,
    ) -> None:
        number = self._by_symbol.get(str(symbol))
        if number is None:
            text = f"Currency pair not supported {str(symbol)[:40]}"
            raise _RefusedError(text, str(symbol)[:40], Violation.UNKNOWN_STREAM)
        key, told = _key(params, number)
        result = {"channel": params["channel"], **told, "symbol": symbol}
        fresh = key not in connection.subscriptions
        if request["method"] == "unsubscribe":
            if fresh:
                raise _RefusedError("Subscription Not Found", str(symbol))
            self._streams.unsubscribe(connection, key)
            connection.send(self._answered(request, now, result=result))
            return
        if not fresh:
            raise _RefusedError("Already subscribed", str(symbol))
        connection.subscribed = True
        self._streams.subscribe(connection, key, now)
        snapshot = params.get("snapshot", key[0] != "trade") is True
        connection.send(self._answered(request, now, result={**result, "snapshot": snapshot}))
        if snapshot:
            self._streams.snapshot(connection, key, now)

    def _answered(
        self,
        request: dict[str, Any],
        now: int,
        *,
        result: dict[str, object] | None = None,
        refused: _RefusedError | None = None,
    ) -> bytes:
        """Return the answer to a request; fields come in alphabetical order, as from the venue."""
        told: dict[str, object] = {
            "method": "pong" if request.get("method") == "ping" else request.get("method")
        }
        if isinstance(request.get("req_id"), int):
            told["req_id"] = request["req_id"]
        if refused:
            told |= {"error": refused.text, "success": False}
            told |= {"symbol": refused.symbol} if refused.symbol else {}
        elif result:
            told |= {"result": dict(sorted(result.items())), "success": True}
        at = now + self.market.skew
        told |= {"time_in": iso(at), "time_out": iso(at + 40_000)}
        return encode({name: value for name, value in sorted(told.items()) if value is not None})


def _read(text: str) -> dict[str, Any]:
    try:
        request = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise _RefusedError("Malformed request") from error
    if not isinstance(request, dict) or request.get("method") not in ("subscribe", "unsubscribe", "ping"):
        raise _RefusedError("Unsupported method")
    return request


def _key(params: dict[str, Any], number: int) -> tuple[Key, dict[str, object]]:
    """Return the key of a subscription, and the option as the venue echoes it."""
    channel = params["channel"]
    if channel not in _OPTIONS:
        return (channel, number, 0), {}
    name, values = _OPTIONS[channel]
    value = params.get(name, values[0])
    if value not in values:
        raise _RefusedError(f"{name.capitalize()} not supported {str(value)[:20]}")
    detail = int(value == "bbo") if channel == "ticker" else int(value)
    return (channel, number, detail), {name: value}
