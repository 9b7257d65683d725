"""Channels as people make and change them: checked, counted, proved."""

import asyncio
import re
from collections import deque
from collections.abc import Collection, Mapping
from uuid import uuid4

from msgspec.structs import replace

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.notices.notification import Channel
from crypto_portfolio_analyzer.core.timeframes import DAY, HOUR
from crypto_portfolio_analyzer.engine.delivery.pacing import Pacer
from crypto_portfolio_analyzer.engine.delivery.ports import ChannelType, DeliveryStore
from crypto_portfolio_analyzer.engine.delivery.preferences import PEOPLE, PROGRAMS, read_preferences
from crypto_portfolio_analyzer.engine.delivery.proofs import PROOF, answered, asked, new_code, refuse
from crypto_portfolio_analyzer.engine.delivery.timing import nanoseconds
from crypto_portfolio_analyzer.errors import DeliveryFailed, Fault, InvalidFields, InvalidInput, UnknownName

QUOTA = 20
"""Channels of one owner."""
PROOFS_PER_END, PROOFS_PER_OWNER = 3, 10
"""Questions in one hour: to one other end, whoever asks, and by one owner."""
HEADS = ("type", "name", "enabled", "default")
DOTS = "•••"
"""How a masked secret begins: given back as it was shown, it stays what it is."""
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]{1,64}")


class Accounts:
    """Makes channels of fields. An owner may have `quota` of them, unless it is one of the `unbound`.

    `lock` is held while a channel is read and written.
    """

    def __init__(
        self,
        *,
        store: DeliveryStore,
        types: Mapping[str, ChannelType],
        clock: Clock,
        pacer: Pacer,
        lock: asyncio.Lock,
        quota: int = QUOTA,
        unbound: Collection[str] = (),
    ) -> None:
        self._store, self._types, self._clock, self._pacer = store, types, clock, pacer
        self._lock, self._quota, self._unbound = lock, quota, frozenset(unbound)
        self._asked: dict[str, deque[int]] = {}
        """When questions were sent, by other end and by owner."""

    def kind(self, name: object) -> ChannelType:
        """Return a type by name; raises UnknownName."""
        if not isinstance(name, str) or name not in self._types:
            raise UnknownName("channel type", str(name), sorted(self._types))
        return self._types[name]

    async def add(self, owner: str, fields: Mapping[str, object], *, actor: str, trusted: bool) -> Channel:
        """Check, prove and store a channel."""
        kind = self.kind(fields.get("type"))
        if problem := kind.is_ready:
            raise InvalidFields([Fault("type", f"{kind.label} cannot be used yet", problem)])
        now = self._clock.now()
        faults: list[Fault] = []
        heads = _heads(fields, faults, {"name": ""})
        others = await self._store.channels(owner)
        if any(each.name == heads["name"] for each in others):
            faults.append(Fault("name", "you have a channel of this name", "choose another"))
        if owner not in self._unbound and len(others) >= self._quota:
            faults.append(Fault("name", f"you have {len(others)} channels already", "remove one first"))
        options = _options(kind, fields, faults)
        channel = Channel(
            id=uuid4().hex,
            owner=owner,
            type=kind.name,
            options=options,
            ttl=_ttl(kind, options),
            created_at=now,
            updated_at=now,
            **heads,  # type: ignore[arg-type]  # checked one by one
        )
        return await self._store.add_channel(await self._proved(channel, kind, trusted=trusted), actor)

    async def edit(
        self, owner: str, channel_id: str, fields: Mapping[str, object], *, actor: str, trusted: bool
    ) -> Channel:
        """Store a channel with the named fields changed; a new other end has to be proved anew."""
        async with self._lock:
            old = await self._store.channel(owner, channel_id)
            kind = self.kind(old.type)
            faults: list[Fault] = []
            if fields.get("type", old.type) != old.type:
                faults.append(Fault("type", "cannot be changed", "make another channel"))
            heads = _heads(
                fields, faults, {"name": old.name, "enabled": old.enabled, "is_default": old.is_default}
            )
            given = dict(old.options)
            given |= {name: value for name, value in fields.items() if not _is_masked(value)}
            options = _options(kind, given, faults)
            options |= _question(old)
            new = replace(old, options=options, ttl=_ttl(kind, options), **heads)
            if new.enabled and not old.enabled:
                new = replace(new, disabled_reason="", failing_since=None, failures=0, paused_until=None)
            if kind.lane(new, "") != kind.lane(old, ""):
                new = await self._proved(new, kind, trusted=trusted)
            return await self._store.replace_channel(new, self._clock.now(), actor)

    async def rotate(self, owner: str, channel_id: str, *, actor: str) -> Channel:
        """Give a channel a new signing secret; the old one stays beside it for a day."""
        async with self._lock:
            old = await self._store.channel(owner, channel_id)
            kind = self.kind(old.type)
            secret = kind.revealed(old.options)
            if secret is None:
                raise InvalidInput(f"a channel of type {old.type} has no signing secret")
            rest = {name: value for name, value in old.options.items() if value != secret}
            now = self._clock.now()
            fresh = _options(kind, {**rest, "old_secret": secret, "old_until": now + DAY}, [])
            return await self._store.replace_channel(replace(old, options=fresh | _question(old)), now, actor)

    async def confirm(self, owner: str, channel_id: str, code: str, *, actor: str) -> Channel:
        """Take the code that was sent to the other end; with none, send a new one."""
        async with self._lock:
            channel = await self._store.channel(owner, channel_id)
            if channel.verified_at is not None:
                return channel
            now = self._clock.now()
            if not code.strip():
                renewed = await self._proved(channel, self.kind(channel.type), trusted=False)
                return await self._store.replace_channel(renewed, now, actor)
            after = answered(channel, code, now)
            if after.verified_at is None:
                await self._store.note_health(after)
            refuse(after)
            return await self._store.replace_channel(after, now, actor)

    async def _proved(self, channel: Channel, kind: ChannelType, *, trusted: bool) -> Channel:
        """Return a channel that is proved, or waits for the code that was sent; raises InvalidFields."""
        now = self._clock.now()
        if trusted or not kind.needs_proof(channel.options):
            rest = {name: value for name, value in channel.options.items() if name != PROOF}
            return replace(channel, verified_at=now, options=rest)
        self._count_question(f"end {kind.lane(channel, '')}", PROOFS_PER_END)
        self._count_question(f"owner {channel.owner}", PROOFS_PER_OWNER)
        code = new_code(for_people=kind.for_people)
        try:
            async with asyncio.timeout(kind.timeout):
                await self._pacer.wait(kind.rates(channel), urgent=True)
                is_proved = await kind.prove(channel, code)
        except TimeoutError:
            raise InvalidFields(
                [Fault("type", "the other end did not answer in time", "try again later")]
            ) from None
        except DeliveryFailed as error:
            raise InvalidFields(
                [Fault("type", f"the other end could not be asked: {error.detail}")]
            ) from error
        return replace(channel, verified_at=now) if is_proved else asked(channel, code, now)

    def _count_question(self, whose: str, most: int) -> None:
        now = self._clock.now()
        self._asked = {each: times for each, times in self._asked.items() if times[-1] > now - HOUR}
        times = self._asked.setdefault(whose, deque())
        while times and times[0] <= now - HOUR:
            times.popleft()
        if len(times) >= most:
            raise InvalidInput(f"{most} codes were sent within the last hour; wait a while")
        times.append(now)


def visible(kind: ChannelType, options: Mapping[str, object]) -> dict[str, object]:
    """Return options as they may be seen: the type's own, and what every channel has."""
    common = PEOPLE if kind.for_people else PROGRAMS
    shown = {name: value for name, value in kind.shown(options).items() if not name.startswith("_")}
    return shown | {name: options[name] for name in common if name in options}


def _heads(
    fields: Mapping[str, object], faults: list[Fault], before: Mapping[str, object]
) -> dict[str, object]:
    """Return what every channel has, as given or as before."""
    name = fields.get("name", before["name"])
    name = name.strip() if isinstance(name, str) else ""
    if not _NAME.fullmatch(name):
        faults.append(Fault("name", "is no name", "1 to 64 visible characters"))
    heads: dict[str, object] = {"name": name}
    for field, given, default in (("enabled", "enabled", True), ("is_default", "default", False)):
        value = fields.get(given, before.get(field, default))
        if not isinstance(value, bool):
            faults.append(Fault(given, f"{str(value)[:40]!r} is neither", "true or false"))
        heads[field] = value
    return heads


def _options(kind: ChannelType, given: Mapping[str, object], faults: list[Fault]) -> dict[str, object]:
    """Return the options that can be stored; raises InvalidFields with all that is wrong, the heads included."""
    asked_for = {
        name: value
        for name, value in given.items()
        if name not in HEADS and value is not None and not name.startswith("_")
    }
    preferences = read_preferences(asked_for, for_people=kind.for_people, faults=faults)
    own: dict[str, object] = {}
    try:
        own = kind.check({name: value for name, value in asked_for.items() if name not in PEOPLE})
    except InvalidFields as error:
        faults.extend(error.faults)
    if faults:
        raise InvalidFields(faults)
    return own | preferences


def _question(channel: Channel) -> dict[str, object]:
    """Return what a channel waits to be answered, if it does: it is no option that anybody gives."""
    return {PROOF: channel.options[PROOF]} if PROOF in channel.options else {}


def _ttl(kind: ChannelType, options: Mapping[str, object]) -> int | None:
    ttl = kind.policy_ttl(options)
    return None if ttl is None else nanoseconds(ttl)


def _is_masked(value: object) -> bool:
    """Tell whether a value, or any part of it, is a secret as it was shown."""
    parts = value.values() if isinstance(value, Mapping) else (value,)
    return any(isinstance(part, str) and DOTS in part for part in parts)
