"""The simulated Binance spot: what it lets clients say. Streams are in `binance_streams`, REST in `binance_rest`."""

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from crypto_portfolio_analyzer.simulation.binance_rest import BinanceRest
from crypto_portfolio_analyzer.simulation.binance_streams import BinanceStreams
from crypto_portfolio_analyzer.simulation.binance_wire import MS, Wire
from crypto_portfolio_analyzer.simulation.connection import Connection
from crypto_portfolio_analyzer.simulation.limits import VenueLimits, Violation
from crypto_portfolio_analyzer.simulation.market import Market
from crypto_portfolio_analyzer.simulation.tape import Tape
from crypto_portfolio_analyzer.simulation.venue import VENUES, Punish, Reply
from crypto_portfolio_analyzer.simulation.wording import encode

_METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")


class _RefusedError(Exception):
    """A request the venue declines, in its own code and words."""

    def __init__(self, code: int, text: str, violation: Violation = Violation.BAD_REQUEST) -> None:
        super().__init__(text)
        self.code, self.text, self.violation = code, text, violation


@VENUES("binance")
class Binance:
    """Binance spot as its documents describe it (binance-spot-api-docs, web-socket-streams.md)."""

    name: ClassVar[str] = "binance"
    label: ClassVar[str] = "Binance (simulated)"
    limits: ClassVar[VenueLimits] = VenueLimits(
        messages=5,
        messages_window=1.0,
        streams=1024,
        connections=300,
        connections_window=300.0,
        rest_weight=6000,
        rest_window=60.0,
        lifetime=24 * 3600.0,
        ping_every=20.0,
        pong_within=60.0,
    )

    def __init__(self, tape: Tape) -> None:
        self.market = Market(tape.venue(self.name, ("USDT", "USDC")))
        self.complaints: list[Violation] = []
        wires = [Wire(listing) for listing in self.market.tape.listings]
        self._streams = BinanceStreams(self.market, wires)
        self._rest = BinanceRest(self.market, wires)

    def opened(self, connection: Connection, now: int) -> None:
        """Subscribe to the streams in the address: `/ws/a/b` raw, `/stream?streams=a/b` wrapped."""
        connection.subscribed = True
        connection.wrapped = connection.path.startswith("/stream")
        named = connection.query.get("streams", "") if connection.wrapped else connection.path[len("/ws/") :]
        names = [name for name in named.split("/") if name]
        if len(names) > self.limits.streams:
            raise Punish(Violation.STREAMS, "too many streams")
        for name in names:
            key = self._streams.key(name)
            if key is None:
                self.complaints.append(Violation.UNKNOWN_STREAM)
            else:
                self._streams.subscribe(connection, key, now)

    def received(self, connection: Connection, text: str, now: int) -> None:
        """Obey a request, or say in Binance's words why not."""
        number: object = None
        try:
            request = _read(text)
            number = _request_id(request)
            result = self._obey(connection, request, now)
        except _RefusedError as refused:
            self.complaints.append(refused.violation)
            connection.send(encode({"error": {"code": refused.code, "msg": refused.text}, "id": number}))
        else:
            connection.send(encode({"result": result, "id": number}))

    def closed(self, connection: Connection) -> None:
        """End its subscriptions."""
        self._streams.forget(connection)

    def advance(self, now: int) -> None:
        """Queue what became due."""
        self._streams.advance(now)

    def mute(self, text: str, *, lasting: bool) -> int:
        """Silence subscriptions."""
        return self._streams.mute(text, lasting=lasting)

    def unmute(self, text: str) -> None:
        """End a silence."""
        self._streams.unmute(text)

    def is_trade(self, payload: bytes) -> bool:
        """Tell whether a payload is a trade or aggTrade event."""
        start = payload[:80]
        return b'"e":"aggTrade"' in start or b'"e":"trade"' in start

    def shutdown_notice(self, connection: Connection, now: int) -> bytes | None:
        """Return the serverShutdown event."""
        event = {"e": "serverShutdown", "E": (now + self.market.skew) // MS}
        return encode({"stream": "!serverShutdown", "data": event} if connection.wrapped else event)

    def weight(self, path: str, query: Mapping[str, str]) -> int:
        """Return the request weight."""
        return self._rest.weight(path, query)

    def answer(self, path: str, query: Mapping[str, str], now: int) -> Reply:
        """Answer a REST request."""
        return self._rest.answer(path, query, now)

    def refusal(self, status: int, wait: float) -> Reply:
        """Return Binance's error body with Retry-After."""
        return self._rest.refusal(status, wait)

    def budget_headers(self, used: int) -> Mapping[str, str]:
        """Return the headers with the weight used in this minute."""
        return {"x-mbx-used-weight": str(used), "x-mbx-used-weight-1m": str(used)}

    def _obey(self, connection: Connection, request: dict[str, Any], now: int) -> object:
        method = request.get("method")
        if method is None:
            raise _RefusedError(2, "Invalid request: missing field `method` at line 1 column 1")
        if method not in _METHODS:
            known = ", ".join(f"`{name}`" for name in _METHODS)
            raise _RefusedError(2, f"Invalid request: unknown variant `{method}`, expected one of {known}")
        params = request.get("params", [])
        if not isinstance(params, list):
            raise _RefusedError(2, "Invalid request: params must be an array")
        if method in ("SUBSCRIBE", "UNSUBSCRIBE"):
            self._change(connection, method, params, now)
            return None
        if method == "LIST_SUBSCRIPTIONS":
            return [self._streams.name(key) for key in connection.subscriptions]
        return _property(connection, method, params)

    def _change(self, connection: Connection, method: str, params: list[object], now: int) -> None:
        keys = []
        for name in params:
            key = self._streams.key(name)
            if key is None:
                text = f"Invalid request: unknown stream {str(name)[:80]}"
                raise _RefusedError(2, text, Violation.UNKNOWN_STREAM)
            keys.append(key)
        if method == "SUBSCRIBE" and len(connection.subscriptions.keys() | set(keys)) > self.limits.streams:
            raise _RefusedError(2, "Invalid request: too many streams", Violation.STREAMS)
        if method == "UNSUBSCRIBE":
            self._streams.unsubscribe(connection, keys)
            return
        for key in keys:
            self._streams.subscribe(connection, key, now)


def _read(text: str) -> dict[str, Any]:
    try:
        request = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise _RefusedError(3, "Invalid JSON: expected value at line 1 column 1") from error
    return request if isinstance(request, dict) else {}


def _request_id(request: dict[str, Any]) -> int | str | None:
    number = request.get("id")
    if isinstance(number, bool) or not isinstance(number, int | str | None):
        raise _RefusedError(2, "Invalid request: request ID must be an unsigned integer")
    return number


def _property(connection: Connection, method: str, params: list[object]) -> bool | None:
    if not params or not isinstance(params[0], str):
        raise _RefusedError(2, "Invalid request: property name must be a string")
    if params[0] != "combined":
        raise _RefusedError(0, "Unknown property")
    if method == "GET_PROPERTY":
        return connection.wrapped
    if len(params) > 2:
        raise _RefusedError(2, "Invalid request: too many parameters")
    if len(params) != 2 or not isinstance(params[1], bool):
        raise _RefusedError(1, "Invalid value type: expected Boolean")
    connection.wrapped = params[1]
    return None
