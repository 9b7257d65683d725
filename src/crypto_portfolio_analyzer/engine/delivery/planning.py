"""Planning: of which channels how many deliveries are taken now, and when it is worth looking again. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from crypto_portfolio_analyzer.core.notices.notification import Channel
from crypto_portfolio_analyzer.engine.delivery.fairness import Candidate, Turns
from crypto_portfolio_analyzer.engine.delivery.lanes import Track, Tracks
from crypto_portfolio_analyzer.engine.delivery.pacing import Pacer
from crypto_portfolio_analyzer.engine.delivery.ports import ChannelType, Lane, Rate
from crypto_portfolio_analyzer.engine.delivery.stages.grouping import window_end
from crypto_portfolio_analyzer.engine.delivery.stages.quiet import hours_of
from crypto_portfolio_analyzer.engine.delivery.timing import (
    AHEAD,
    BURST,
    IN_FLIGHT,
    LARGEST,
    MORNING,
    PAIRS_AHEAD,
    nanoseconds,
)


class Plan(Struct):
    """Deliveries to claim, by channel, and when (ns) something more can be done; None: nothing waits."""

    wishes: dict[str, int]
    look_at: int | None


class Planner:
    """Knows the lanes, the limits, and whose turn it was last."""

    def __init__(self, types: Mapping[str, ChannelType], tracks: Tracks, pacer: Pacer) -> None:
        self._types, self._tracks, self._pacer = types, tracks, pacer
        self._turns = Turns()

    def plan(self, lanes: Iterable[Lane], held: Counter[str], now: int) -> Plan:
        """Share the free places out to the channels that can be told something now.

        `held` counts the deliveries that are claimed of each channel.
        """
        candidates: list[Candidate] = []
        budgets: dict[str, int] = {}
        looks: list[int | None] = []
        for lane in lanes:
            kind = self._types.get(lane.channel.type)
            if kind is None:
                continue
            if not lane.due or lane.due_at > now:
                looks.append(lane.due_at)
                continue
            room, look_at = self._room(lane, kind, held[lane.channel.id], now)
            looks.append(look_at)
            if room > 0:
                rates = kind.rates(lane.channel)
                looks.append(self._look_up(rates, budgets, now))
                keys = tuple(rate.key for rate in rates)
                batch = self._batch(lane, kind, now)
                candidates.append(Candidate(lane.channel.id, lane.channel.owner, room, keys, batch))
        wishes = self._turns.share(candidates, IN_FLIGHT - self._tracks.load, budgets)
        return Plan(wishes, min((at for at in looks if at is not None and at > now), default=None))

    def _look_up(self, rates: Sequence[Rate], budgets: dict[str, int], now: int) -> int | None:
        """Note how many messages each limit lets go; return when it lets another one, if that is none."""
        for rate in rates:
            if rate.key not in budgets:
                budgets[rate.key] = self._pacer.room(rate)
        if all(budgets[rate.key] > 0 for rate in rates):
            return None
        return now + nanoseconds(self._pacer.delay(rates))

    def _room(self, lane: Lane, kind: ChannelType, held: int, now: int) -> tuple[int, int | None]:
        """Return how many messages a channel can take now; if none, when again, where time alone decides."""
        if kind.policy_ttl(lane.channel.options) is not None:
            return PAIRS_AHEAD - held, None
        track = self._track(lane.channel, kind)
        places = track.places(now)
        if not places:
            return 0, track.opens_at()
        ahead = 1 if track.breaker.is_open else places * AHEAD
        return ahead - track.load, None

    def _batch(self, lane: Lane, kind: ChannelType, now: int) -> int:
        """Return how many deliveries to take at once, to see which belong together; 0: each by itself."""
        channel = lane.channel
        gathers = kind.for_people and kind.policy_ttl(channel.options) is None
        if not gathers or channel.options.get("group") == "off":
            return 0
        track = self._track(channel, kind)
        is_flood = lane.due > BURST or window_end(track.sent, now) is not None
        is_held = lane.due > 1 and (track.gathers or _is_morning(channel, now))
        return min(lane.due, LARGEST) if is_flood or is_held else 0

    def _track(self, channel: Channel, kind: ChannelType) -> Track:
        return self._tracks.of(kind.lane(channel, ""), channel, kind)


def _is_morning(channel: Channel, now: int) -> bool:
    """Tell whether the quiet hours of a channel have just ended."""
    hours = hours_of(channel)
    return hours is not None and not hours.covers(now) and hours.covers(now - MORNING)
