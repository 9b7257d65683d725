"""Notices: what goes wrong with a channel is told to its owner on another one, and never about a notice."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.core.notices.notification import (
    Channel,
    Content,
    DeliveryState,
    Kind,
    Settlement,
    Work,
)
from crypto_portfolio_analyzer.engine.delivery.ports import ChannelType, DeliveryStore
from crypto_portfolio_analyzer.engine.delivery.sending import Flight, Result
from crypto_portfolio_analyzer.engine.delivery.timing import NOTICE_EVERY

logger = logging.getLogger(__name__)

CONFIG_ERRORS = 3
"""Config errors in a row after which the owner is told."""
UNTOLD = (Kind.NOTICE, Kind.TEST)

Matter = Literal["off", "config", "dead"]

_TITLES: Mapping[Matter, Mapping[str, str]] = {
    "off": {"en": "Channel “{name}” was switched off", "de": "Der Kanal „{name}“ wurde abgeschaltet"},
    "config": {
        "en": "Channel “{name}” needs your attention",
        "de": "Der Kanal „{name}“ braucht deine Aufmerksamkeit",
    },
    "dead": {
        "en": "Channel “{name}”: {count} not delivered",
        "de": "Kanal „{name}“: {count} nicht zugestellt",
    },
}
_REMEDIES: Mapping[Matter, Mapping[str, str]] = {
    "off": {
        "en": "What waits is kept: put it right, switch it on, and it goes out.",
        "de": "Was wartet, bleibt: Behebe es, schalte ihn ein, und es geht hinaus.",
    },
    "config": {
        "en": "It is tried again; something has to be put right at the other end.",
        "de": "Es wird weiter versucht; am anderen Ende muss etwas in Ordnung gebracht werden.",
    },
    "dead": {
        "en": "They are kept and can be delivered again.",
        "de": "Alles ist aufgehoben und kann erneut zugestellt werden.",
    },
}
_WEIGHT: Mapping[Matter, int] = {"dead": 0, "config": 1, "off": 2}


class _Trouble(Struct):
    owner: str
    matter: Matter
    reason: str
    count: int = 0


class Notices:
    """Gathers what happens to channels.

    `flush` tells it: of each channel at most once an hour, but at once that it was switched off.
    """

    def __init__(self, store: DeliveryStore, types: Mapping[str, ChannelType], clock: Clock) -> None:
        self._store, self._types, self._clock = store, types, clock
        self._troubles: dict[str, _Trouble] = {}
        self._told_at: dict[str, int] = {}
        self._config_errors: Counter[str] = Counter()

    def attempted(self, flight: Flight, result: Result) -> None:
        """Count errors that the owner has to put right."""
        channel, failure = flight.channel, result.failure
        if failure is None:
            self._config_errors.pop(channel.id, None)
        elif failure.is_config and not failure.disables:
            self._config_errors[channel.id] += 1
            if self._config_errors[channel.id] == CONFIG_ERRORS:
                self._note(channel.id, channel.owner, "config", failure.detail)

    def settled(self, group: Sequence[Settlement], works: Mapping[str, Work]) -> None:
        """Note what could not be delivered."""
        for each in group:
            work = works.get(each.delivery_id)
            if each.state is DeliveryState.DEAD and work is not None and work.delivery.kind not in UNTOLD:
                self._note(work.delivery.channel_id, work.delivery.owner, "dead", each.reason, count=1)

    def learnt(self, before: Channel, after: Channel) -> None:
        """Note that a channel was switched off."""
        if before.enabled and not after.enabled:
            self._note(after.id, after.owner, "off", after.disabled_reason)

    def _note(self, channel_id: str, owner: str, matter: Matter, reason: str, count: int = 0) -> None:
        trouble = self._troubles.setdefault(channel_id, _Trouble(owner, matter, reason))
        trouble.count += count
        if _WEIGHT[matter] > _WEIGHT[trouble.matter]:
            trouble.matter, trouble.reason = matter, reason

    async def flush(self) -> bool:
        """Tell what may be told now; return whether something was queued. Raises StorageUnavailable."""
        now, has_told = self._clock.now(), False
        for channel_id, trouble in list(self._troubles.items()):
            is_early = now - self._told_at.get(channel_id, -NOTICE_EVERY) < NOTICE_EVERY
            if is_early and trouble.matter != "off":
                continue
            has_told |= await self._tell(channel_id, trouble, now)
            del self._troubles[channel_id]
            self._told_at[channel_id] = now
        return has_told

    async def _tell(self, channel_id: str, trouble: _Trouble, now: int) -> bool:
        channels = await self._store.channels(trouble.owner)
        sick = next((each for each in channels if each.id == channel_id), None)
        if sick is None:
            return False  # removed meanwhile
        target = self._target(sick, channels)
        if target is None:
            fields = {"channel": channel_id, "matter": trouble.matter}
            logger.warning("an owner has no other channel to be told of a failing one", extra=fields)
            return False
        key = f"{channel_id}:{trouble.matter}:{now // NOTICE_EVERY}"
        content = _content(sick, trouble, "de" if target.options.get("language") == "de" else "en")
        await self._store.queue(target, Kind.NOTICE, content, now, key=key)
        return True

    def _target(self, sick: Channel, channels: Sequence[Channel]) -> Channel | None:
        """Return the channel by which the owner is best told: one for people, that works, and ends elsewhere."""
        lane = self._lane(sick)
        usable = [
            each
            for each in channels
            if each.id != sick.id
            and each.enabled
            and each.verified_at is not None
            and each.type in self._types
            and self._types[each.type].for_people
            and self._lane(each) != lane
        ]
        return min(usable, key=lambda each: (each.failures > 0, not each.is_default), default=None)

    def _lane(self, channel: Channel) -> str:
        kind = self._types.get(channel.type)
        return kind.lane(channel, "") if kind is not None else channel.id


def _content(sick: Channel, trouble: _Trouble, language: str) -> Content:
    title = _TITLES[trouble.matter][language].format(name=sick.name, count=trouble.count)
    return Content(
        title=title,
        text=f"{trouble.reason}\n{_REMEDIES[trouble.matter][language]}",
        severity=Severity.WARNING,
        data={"channel": sick.id, "matter": trouble.matter, "count": trouble.count},
    )
