"""The simulated Coinbase Exchange: what it lets clients say. Channels and REST have their own files."""

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from crypto_portfolio_analyzer.simulation.coinbase_rest import CoinbaseRest
from crypto_portfolio_analyzer.simulation.coinbase_streams import CHANNELS, CoinbaseStreams, Key
from crypto_portfolio_analyzer.simulation.coinbase_wire import Wire
from crypto_portfolio_analyzer.simulation.connection import Connection
from crypto_portfolio_analyzer.simulation.limits import VenueLimits, Violation
from crypto_portfolio_analyzer.simulation.market import Market
from crypto_portfolio_analyzer.simulation.tape import Tape
from crypto_portfolio_analyzer.simulation.venue import VENUES, Reply
from crypto_portfolio_analyzer.simulation.wording import encode

_LISTENERS = 10
"""Connections that may hear one channel of one product (free tier)."""


class _RefusedError(Exception):
    """A request the venue declines: its message and reason."""

    def __init__(self, message: str, reason: str = "", violation: Violation = Violation.BAD_REQUEST) -> None:
        super().__init__(message, reason)
        self.message, self.reason, self.violation = message, reason, violation


@VENUES("coinbase")
class Coinbase:
    """Coinbase Exchange as its documents describe it (docs.cdp.coinbase.com/exchange/websocket-feed)."""

    name: ClassVar[str] = "coinbase"
    label: ClassVar[str] = "Coinbase (simulated)"
    limits: ClassVar[VenueLimits] = VenueLimits(
        messages=100,
        messages_window=1.0,
        streams=1_000_000,
        connections=20,
        connections_window=2.5,  # 8 a second, in bursts of 20
        rest_weight=15,
        rest_window=1.0,
        subscribe_within=5.0,
        ban_after=20,
    )

    def __init__(self, tape: Tape) -> None:
        self.market = Market(tape.venue(self.name, ("USD", "USDT")))
        self.complaints: list[Violation] = []
        wires = [Wire(listing) for listing in self.market.tape.listings]
        self._wires = wires
        self._by_product = {wire.product: number for number, wire in enumerate(wires)}
        self._streams = CoinbaseStreams(self.market, wires)
        self._rest = CoinbaseRest(self.market, wires)

    def opened(self, connection: Connection, now: int) -> None:
        """Say nothing: the client has to subscribe first."""

    def received(self, connection: Connection, text: str, now: int) -> None:
        """Obey a request, or say in Coinbase's words why not."""
        try:
            request = _read(text)
            keys = self._keys(request)
            if request["type"] == "subscribe":
                self._subscribe(connection, keys, now)
            else:
                self._streams.unsubscribe(connection, keys)
                connection.send(self._acknowledgement(connection))
        except _RefusedError as refused:
            self.complaints.append(refused.violation)
            told = {"type": "error", "message": refused.message}
            connection.send(encode({**told, "reason": refused.reason} if refused.reason else told))

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
        """Tell whether a payload is a match."""
        return payload.startswith(b'{"type":"match"')

    def shutdown_notice(self, connection: Connection, now: int) -> bytes | None:
        """Return None: this venue announces nothing."""
        return None

    def weight(self, path: str, query: Mapping[str, str]) -> int:
        """Return 1: every request costs the same."""
        return 1

    def answer(self, path: str, query: Mapping[str, str], now: int) -> Reply:
        """Answer a REST request."""
        return self._rest.answer(path, query, now)

    def refusal(self, status: int, wait: float) -> Reply:
        """Return Coinbase's error body."""
        return self._rest.refusal(status, wait)

    def budget_headers(self, used: int) -> Mapping[str, str]:
        """Return nothing: this venue does not tell."""
        return {}

    def _subscribe(self, connection: Connection, keys: list[Key], now: int) -> None:
        for channel, number in keys:
            listeners = self._streams.feeds.get((channel, number))
            if connection not in listeners and len(listeners) >= _LISTENERS:
                reason = f"too many subscriptions to {channel} of {self._wires[number].product}"
                raise _RefusedError("Failed to subscribe", reason, Violation.STREAMS)
        fresh = [key for key in keys if key not in connection.subscriptions]
        for key in fresh:
            self._streams.subscribe(connection, key, now)
        connection.subscribed = True
        connection.send(self._acknowledgement(connection))
        for key in fresh:
            self._streams.greet(connection, key, now)

    def _acknowledgement(self, connection: Connection) -> bytes:
        channels: dict[str, list[str]] = {}
        for channel, number in connection.subscriptions:
            channels.setdefault(channel, []).append(self._wires[number].product)
        told = [{"name": name, "product_ids": products} for name, products in channels.items()]
        return encode({"type": "subscriptions", "channels": told})

    def _keys(self, request: dict[str, Any]) -> list[Key]:
        """Return what a request speaks of; channels may name products of their own."""
        common = request.get("product_ids", [])
        keys: list[Key] = []
        for channel in request.get("channels", []) or [None]:
            own = channel.get("product_ids", common) if isinstance(channel, dict) else common
            name = channel.get("name") if isinstance(channel, dict) else channel
            keys += [(str(name), number) for number in self._products(name, own)]
        return list(dict.fromkeys(keys))

    def _products(self, channel: object, products: object) -> list[int]:
        if channel not in CHANNELS:
            reason = f"{str(channel)[:40]} is not a valid channel" if channel else "no channels provided"
            raise _RefusedError("Failed to subscribe", reason, Violation.UNKNOWN_STREAM)
        if not isinstance(products, list) or not products:
            raise _RefusedError(
                "Failed to subscribe", f"You need to specify at least one product ID for channel {channel}"
            )
        unknown = next((product for product in products if product not in self._by_product), None)
        if unknown is not None:
            reason = f"{str(unknown)[:40]} is not a valid product"
            raise _RefusedError("Failed to subscribe", reason, Violation.UNKNOWN_STREAM)
        return [self._by_product[product] for product in products]


def _read(text: str) -> dict[str, Any]:
    try:
        request = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise _RefusedError("Malformed JSON") from error
    if not isinstance(request, dict) or request.get("type") not in ("subscribe", "unsubscribe"):
        raise _RefusedError("Type has to be either subscribe or unsubscribe")
    return request
