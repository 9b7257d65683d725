"""What faults do to frames on their way out: duplicate, delay, drop, and bury them in garbage."""

from collections import Counter
from collections.abc import Callable, Collection
from random import Random

from crypto_portfolio_analyzer.simulation.connection import Connection
from crypto_portfolio_analyzer.simulation.faults import Fault, FaultKind

_BURST = 500
"""Garbage frames per connection and turn, so that a client can keep up with the valid ones."""


class Duplicate:
    """Sends a share of the frames twice."""

    def __init__(self, fault: Fault, random: Random, injected: Counter[FaultKind]) -> None:
        self._share, self._random, self._injected = fault.share, random, injected

    def __call__(self, connection: Connection, payloads: list[bytes]) -> list[bytes]:
        """Return the frames, some of them twice."""
        sent: list[bytes] = []
        for payload in payloads:
            again = self._random.random() < self._share
            self._injected[FaultKind.DUPLICATE] += again
            sent += [payload] * (1 + again)
        return sent


class Reorder:
    """Holds a share of the frames back for up to `value` seconds."""

    def __init__(
        self, fault: Fault, random: Random, injected: Counter[FaultKind], clock: Callable[[], float]
    ) -> None:
        self._fault, self._random, self._injected, self._clock = fault, random, injected, clock
        self._held: dict[int, list[tuple[float, bytes]]] = {}

    def __call__(self, connection: Connection, payloads: list[bytes]) -> list[bytes]:
        """Return the frames that are not held back, and those held back long enough."""
        now = self._clock()
        held = self._held.setdefault(connection.number, [])
        due = [payload for until, payload in held if until <= now]
        held[:] = [(until, payload) for until, payload in held if until > now]
        sent: list[bytes] = []
        for payload in payloads:
            if self._random.random() < self._fault.share:
                held.append((now + self._random.random() * self._fault.value, payload))
                self._injected[FaultKind.REORDER] += 1
            else:
                sent.append(payload)
        return sent + due

    def release(self, connection: Connection) -> None:
        """Queue what is still held back for a connection."""
        for _, payload in self._held.pop(connection.number, []):
            connection.send(payload)


class Skip:
    """Drops the next `value` trades of each connection in `chosen` (None: of any), for good."""

    def __init__(
        self,
        fault: Fault,
        injected: Counter[FaultKind],
        is_trade: Callable[[bytes], bool],
        chosen: Collection[int] | None = None,
    ) -> None:
        self._count, self._injected, self._is_trade = int(fault.value), injected, is_trade
        self._chosen = chosen
        self._dropped: Counter[int] = Counter()

    def __call__(self, connection: Connection, payloads: list[bytes]) -> list[bytes]:
        """Return the frames without the trades that must be missing."""
        if self._chosen is not None and connection.number not in self._chosen:
            return payloads
        sent: list[bytes] = []
        for payload in payloads:
            if self._dropped[connection.number] < self._count and self._is_trade(payload):
                self._dropped[connection.number] += 1
                self._injected[FaultKind.SKIP] += 1
            else:
                sent.append(payload)
        return sent


class Garbage:
    """Sends `value` malformed or hostile frames between the valid ones, over all connections together."""

    def __init__(self, fault: Fault, random: Random, injected: Counter[FaultKind]) -> None:
        self._left, self._random, self._injected = int(fault.value), random, injected

    def __call__(self, connection: Connection, payloads: list[bytes]) -> list[bytes]:
        """Return the frames with garbage between them."""
        count = min(self._left, _BURST)
        if not count:
            return payloads
        self._left -= count
        self._injected[FaultKind.GARBAGE] += count
        sent = payloads[:]
        for _ in range(count):
            model = self._random.choice(payloads) if payloads else b'{"e":"trade","p":"1.0"}'
            sent.insert(self._random.randint(0, len(sent)), garbage(self._random, model))
        return sent


_NUMBERS = (
    *("NaN", "-1", "1e3000000", "0", "-0.0", "Infinity", "null", "true", "[]", "{}"),
    *('"nan"', '"1e400"', '"-1"', '"0"', '"inf"', '"1.0.0"', '""', '"\u0661"', "9" * 5000, f'"{"9" * 5000}"'),
)
_WHOLE = (
    *("", "{", "null", "17", '"text"', "{]", "\x00\x01\x02", "[" * 2000, '{"a":' * 500 + "1"),
    "\u202e\ufffd\U0001f4a5" * 20,
)


def garbage(random: Random, model: bytes) -> bytes:
    """Return a text frame no client can use: nonsense, or a damaged copy of the valid frame `model`.

    It is valid UTF-8, and never a valid frame by accident.
    """
    way = random.randrange(4)
    if way == 0:
        return random.choice(_WHOLE).encode()
    if way == 1:
        return model[: random.randrange(max(1, len(model) - 1))]
    if way == 2:
        cut = random.randrange(max(1, len(model)))
        return model[:cut] + b'"}{' + model[cut:]
    return _hostile_number(random, model)


def _hostile_number(random: Random, model: bytes) -> bytes:
    """Put what is no number in the place of the price.

    Frames without one lose their end, and so do those with several: the others would still be valid.
    """
    key = _price_key(model)
    head, _, tail = model.partition(key)
    if model.count(key) != 1 or b"," not in tail:
        return model[:-1]
    return head + key + random.choice(_NUMBERS).encode() + tail[tail.find(b",") :]


def _price_key(model: bytes) -> bytes:
    if b'"price":' in model:
        return b'"price":'
    return b'"c":' if b'Ticker"' in model or b'"kline"' in model else b'"p":'
