"""Who listens to what, and which trades are due to them."""

from collections import deque
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

import numpy as np

from crypto_portfolio_analyzer.simulation.connection import Connection
from crypto_portfolio_analyzer.simulation.noise import Integers
from crypto_portfolio_analyzer.simulation.tape import Trades, VenueTape

K = TypeVar("K", bound=Hashable)
_SLICE = 100_000
"""Trades computed at once: bounds memory when a clock leaps."""


class Feeds(Generic[K]):
    """Listeners by the venue's key of a feed; a muted listener stays subscribed and hears nothing."""

    def __init__(self) -> None:
        self._listeners: dict[K, list[Connection]] = {}
        self._muted: dict[K, list[Connection]] = {}
        self._mute_all: set[str] = set()

    def __contains__(self, key: object) -> bool:
        return key in self._listeners

    def __iter__(self) -> Iterator[tuple[K, list[Connection]]]:
        return iter(self._listeners.items())

    def get(self, key: K) -> list[Connection]:
        """Return who hears `key`."""
        return self._listeners.get(key, [])

    def add(self, key: K, names: tuple[str, ...], connection: Connection) -> None:
        """Let `connection` hear `key`, unless one of its `names` is muted."""
        connection.subscriptions[key] = None
        kept = self._muted if self._mute_all.intersection(names) else self._listeners
        kept.setdefault(key, []).append(connection)

    def drop(self, key: K, connection: Connection) -> None:
        """End one subscription."""
        connection.subscriptions.pop(key, None)
        for kept in (self._listeners, self._muted):
            listeners = kept.get(key, [])
            if connection in listeners:
                listeners.remove(connection)
            if not listeners:
                kept.pop(key, None)

    def forget(self, connection: Connection) -> None:
        """End every subscription of a connection."""
        for key in list(connection.subscriptions):
            self.drop(key, connection)

    def mute(self, keys: list[K], name: str, *, lasting: bool) -> int:
        """Silence the listeners of `keys`; if `lasting`, also whoever subscribes to `name` later."""
        if lasting:
            self._mute_all.add(name)
        muted = 0
        for key in keys:
            listeners = self._listeners.pop(key, [])
            self._muted.setdefault(key, []).extend(listeners)
            muted += len(listeners)
        return muted

    def unmute(self, keys: list[K], name: str) -> None:
        """Bring the muted listeners of `keys` back."""
        self._mute_all.discard(name)
        for key in keys:
            listeners = self._muted.pop(key, [])
            if listeners:
                self._listeners.setdefault(key, []).extend(listeners)

    def is_known(self, key: K) -> bool:
        """Tell whether anybody subscribed to `key`, muted or not."""
        return key in self._listeners or key in self._muted

    def everyone(self) -> Iterator[tuple[K, list[Connection]]]:
        """Iterate over all subscriptions, muted ones included."""
        yield from self._listeners.items()
        yield from self._muted.items()

    def muted_keys(self) -> list[K]:
        """Return the keys with silenced listeners."""
        return list(self._muted)


class TradePump:
    """Hands out each trade of the wanted listings once, in order of time."""

    def __init__(self, tape: VenueTape) -> None:
        self._tape = tape
        self._wanted: dict[int, None] = {}
        self._since: dict[int, int] = {}
        """Listings wanted since the last turn, with the instant."""
        self._active = np.zeros(0, np.int64)
        self._told = np.zeros(len(tape.listings), np.int64)
        """Per listing, the number of the next trade to tell."""

    def want(self, listing: int, now: int) -> None:
        """Tell the trades of `listing` after `now`."""
        if listing not in self._wanted:
            self._wanted[listing] = None
            self._since[listing] = now

    def keep(self, listings: set[int]) -> None:
        """Stop telling the trades of all other listings."""
        if listings != self._wanted.keys():
            self._wanted = {listing: None for listing in self._wanted if listing in listings}
            self._since = {listing: now for listing, now in self._since.items() if listing in listings}
            self._active = np.fromiter(self._wanted, np.int64)

    def due(self, now: int) -> Iterator[Trades]:
        """Iterate over the trades that happened up to `now` and were not told yet."""
        self._welcome()
        if not len(self._active):
            return
        told = self._told[self._active]
        count = np.maximum(told, self._tape.count_at(now, self._active))
        fresh = count - told
        total = int(fresh.sum())
        if not total:
            return
        self._told[self._active] = count
        which = np.repeat(self._active, fresh)
        before = np.repeat(np.cumsum(fresh) - fresh, fresh)
        yield from self._in_order(which, np.arange(total) - before + np.repeat(told, fresh))

    def _welcome(self) -> None:
        if self._since:
            which = np.fromiter(self._since, np.int64)
            since = np.fromiter(self._since.values(), np.int64)
            self._told[which] = self._tape.count_at(since, which)
            self._since.clear()
            self._active = np.fromiter(self._wanted, np.int64)

    def _in_order(self, which: Integers, number: Integers) -> Iterator[Trades]:
        trades = self._tape.trades(which, number)
        order = np.argsort(trades.at, kind="stable")
        for start in range(0, len(order), _SLICE):
            yield trades.pick(order[start : start + _SLICE])


class Rota(Generic[K]):
    """Calls keys up once per period, evenly spread; when there are too many, each waits longer."""

    def __init__(self, period: int, most: int) -> None:
        self._period, self._most = period, most
        self._queue: deque[tuple[int, K]] = deque()
        self._known: set[K] = set()

    def add(self, key: K, now: int) -> None:
        """Call `key` up from now on."""
        if key not in self._known:
            self._known.add(key)
            self._queue.append((now, key))

    def due(self, now: int, heard: Callable[[K], bool]) -> Iterator[K]:
        """Iterate over the keys whose turn it is, at most `most`; those not `heard` any more leave the rota."""
        for _ in range(min(self._most, len(self._queue))):
            if self._queue[0][0] > now:
                return
            _, key = self._queue.popleft()
            if heard(key):
                self._queue.append((now + self._period, key))
                yield key
            else:
                self._known.discard(key)
