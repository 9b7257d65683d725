"""One WebSocket client as the rooms see it: what it may do, what waits for it, whether it reads at all."""

from collections.abc import Iterable
from itertools import islice
from typing import Protocol

from crypto_portfolio_analyzer.api.identity import Identity
from crypto_portfolio_analyzer.api.wire import Wire

HIGH_BYTES = 256 * 1024
"""With this much unsent a client is behind: symbols wait as names, newest prices follow as it drains."""
MOST_BYTES = 1024 * 1024
"""The hard bound of unsent bytes; nothing above is ever handed over."""
STALL_SECONDS = 10.0
"""A client whose buffer does not move for this long has stopped reading."""
MESSAGES_PER_SECOND = 20.0
MESSAGES_BURST = 40.0
FORGIVEN = 20
"""Messages over the rate that are answered with an error before the client is put out."""


class Bucket:
    """A token bucket: `rate` a second, `burst` at once."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._at = burst, now

    def take(self, now: float) -> bool:
        """Use one token, if there is one."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Source(Protocol):
    """Where the newest frames of symbols come from when a client that was behind catches up."""

    def frames(self, symbols: Iterable[str], *, snapshot: bool) -> bytes:
        """Return whole frames with the newest prices of `symbols`."""
        ...


class Client:
    """A connected client. Writing never waits; what it does not read is conflated, then it is closed."""

    def __init__(self, client_id: str, identity: Identity, wire: Wire, now: float) -> None:
        self.id, self.identity, self.wire = client_id, identity, wire
        self.rooms: set[str] = set()
        self.wanted: dict[str, bool] = {}
        """Spellings this client holds a wish for, and whether nobody else wanted them then."""
        self.over_rate = 0
        self.gone_because = "client"
        self._bucket = Bucket(MESSAGES_PER_SECOND, MESSAGES_BURST, now)
        self._behind: dict[Source, dict[str, bool]] = {}
        self._drained, self._moved_at = 0, now

    @property
    def is_behind(self) -> bool:
        """Whether prices wait for this client."""
        return bool(self._behind)

    def may_speak(self, now: float) -> bool:
        """Count one message of the client against its rate."""
        if self._bucket.take(now):
            return True
        self.over_rate += 1
        return False

    def send(self, frame: bytes) -> None:
        """Write one whole frame; a client at its hard bound is closed instead."""
        if self.wire.buffered + len(frame) > MOST_BYTES:
            self.close(1013, "too slow", "slow")
        else:
            self.wire.write(frame)

    def offer(self, source: Source, symbols: Iterable[str], frames: bytes, *, snapshot: bool = False) -> None:
        """Write the prices of `symbols`, ready-made as `frames`, or remember to when the client is behind."""
        waiting = self._behind.get(source)
        if waiting is None and self.wire.buffered < HIGH_BYTES:
            self.wire.write(frames)
            return
        waiting = self._behind.setdefault(source, {})
        for symbol in symbols:
            waiting[symbol] = waiting.get(symbol, False) or snapshot

    def forget(self, source: Source) -> None:
        """Drop what waits from `source`."""
        self._behind.pop(source, None)

    def catch_up(self, at_once: int) -> int:
        """Send what waits, newest values, as long as the client reads; return the number of prices sent."""
        sent = 0
        for source, waiting in list(self._behind.items()):
            while waiting and self.wire.buffered < HIGH_BYTES:
                part = list(islice(waiting.items(), at_once))
                for symbol, _ in part:
                    del waiting[symbol]
                self.wire.write(
                    source.frames([symbol for symbol, _ in part], snapshot=any(s for _, s in part))
                )
                sent += len(part)
            if not waiting:
                del self._behind[source]
        return sent

    def has_stalled(self, now: float) -> bool:
        """Tell whether the client has not read a byte of what waits for it for too long."""
        buffered = self.wire.buffered
        drained = self.wire.written - buffered
        if not buffered or drained != self._drained:
            self._drained, self._moved_at = drained, now
            return False
        return now - self._moved_at > STALL_SECONDS

    def close(self, code: int, reason: str, because: str) -> None:
        """Say goodbye; `because` is the label it is counted under."""
        self.gone_because = because
        self._behind.clear()
        self.wire.close(code, reason)
