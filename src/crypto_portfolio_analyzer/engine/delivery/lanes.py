"""Lanes: what shares order, parallelism and fate; what is claimed for each and not settled yet."""

from collections import deque
from collections.abc import Iterator

from msgspec import Struct, field

from crypto_portfolio_analyzer.core.notices.notification import Channel
from crypto_portfolio_analyzer.engine.delivery.breaker import Breaker
from crypto_portfolio_analyzer.engine.delivery.ports import ChannelType
from crypto_portfolio_analyzer.engine.delivery.stages.grouping import Message
from crypto_portfolio_analyzer.engine.delivery.timing import BURST

IDLE_LANES = 10_000
"""Lanes remembered before those at rest are forgotten."""


class Track(Struct, eq=False):
    """One lane: messages that are next, how many are under way, and how the endpoint does. Instants are ns UTC."""

    key: str
    parallel: int
    is_serial: bool
    """One after the other: what fails holds up what comes after it."""
    breaker: Breaker = field(default_factory=Breaker)
    next: deque[tuple[Channel, Message]] = field(default_factory=deque)
    flying: int = 0
    blocked_until: int = 0
    sent: deque[int] = field(default_factory=lambda: deque(maxlen=BURST))
    """When the latest messages were made ready."""
    gathers: bool = False
    """Whether deliveries were put off, to be told together."""

    @property
    def load(self) -> int:
        """How many messages are next or under way."""
        return len(self.next) + self.flying

    def places(self, now: int) -> int:
        """Return how many messages may be under way at once now."""
        return 0 if now < self.blocked_until else self.breaker.places(self.parallel, now)

    def opens_at(self) -> int:
        """Return when a closed lane may be used again."""
        return max(self.blocked_until, self.breaker.probe_at)

    @property
    def is_idle(self) -> bool:
        """Whether nothing would be lost by forgetting it."""
        return not self.load and not self.breaker.failures and not self.gathers


class Tracks:
    """All lanes in use, by key."""

    def __init__(self) -> None:
        self._tracks: dict[str, Track] = {}

    def of(self, key: str, channel: Channel, kind: ChannelType) -> Track:
        """Return a lane; a new one knows how its channel did before."""
        track = self._tracks.get(key)
        if track is None:
            self._forget_idle()
            is_serial = kind.ordered or kind.parallel == 1
            track = Track(key, 1 if is_serial else kind.parallel, is_serial, Breaker(channel.failures))
            self._tracks[key] = track
        return track

    def _forget_idle(self) -> None:
        if len(self._tracks) >= IDLE_LANES:
            self._tracks = {key: each for key, each in self._tracks.items() if not each.is_idle}

    def ready(self, now: int) -> Iterator[Track]:
        """Yield lanes that have a message next and a place for it."""
        for track in self._tracks.values():
            if track.next and track.flying < track.places(now):
                yield track

    @property
    def load(self) -> int:
        """How many messages are next or under way in all."""
        return sum(track.load for track in self._tracks.values())

    def __iter__(self) -> Iterator[Track]:
        return iter(list(self._tracks.values()))
