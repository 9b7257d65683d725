"""Who may: nobody, unless linked by a one-time code or named by the operator. The person counts, not the chat.

Somebody else in a group that gets an owner's alerts may read there what the owner's alerts are, and change nothing.
"""

from collections import OrderedDict
from collections.abc import Collection
from typing import NamedTuple

from msgspec import Struct

from crypto_portfolio_analyzer.app import App
from crypto_portfolio_analyzer.bot.words import language_of
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.formats import Language
from crypto_portfolio_analyzer.core.notices.links import TELEGRAM
from crypto_portfolio_analyzer.core.notices.markup import clean
from crypto_portfolio_analyzer.core.notices.notification import Channel
from crypto_portfolio_analyzer.errors import NotFound
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN

BURST, PER_SECOND = 20.0, 1.0
"""What one person may do at once, and how fast that grows back."""
MOST_KNOWN = 10_000


class Sender(Struct, frozen=True, kw_only=True):
    """Who wrote or pressed, and where, as Telegram says."""

    person: str
    name: str
    speaks: str | None
    """The language of the person's client, like `de-AT`."""
    chat: str
    is_group: bool
    chat_name: str = ""


class Person(Struct, frozen=True, kw_only=True):
    """Somebody who is let in: for whom they act, what they may, and how they want to be spoken to."""

    id: str
    name: str
    owner: str
    chat: str
    is_group: bool
    language: Language
    zone: str = "UTC"
    may_change: bool = True
    channel: Channel | None = None
    """The channel that tells this chat, if the owner has one."""


class Admission:
    """Judge of who is let in."""

    def __init__(self, app: App, allowed: Collection[str]) -> None:
        self._app, self._allowed = app, frozenset(allowed)

    async def admit(self, sender: Sender) -> Person | None:
        """Return who it is; None for a stranger. Raises StorageUnavailable."""
        owner = await self._owner(sender.person)
        if owner is not None:
            channel = channel_of(await self._app.delivery.channels(owner), sender.chat)
            return _person(sender, owner, channel, may_change=True)
        if sender.is_group:
            everybody = await self._app.delivery.store.all_channels(TELEGRAM)
            channel = channel_of([each for each in everybody if each.enabled], sender.chat)
            if channel is not None:
                return _person(sender, channel.owner, channel, may_change=False)
        return None

    async def _owner(self, person: str) -> str | None:
        link = await self._app.links.link(TELEGRAM, person)
        if link is None:
            return LOCAL_ADMIN if person in self._allowed else None
        try:
            account = await self._app.accounts.user(link.owner)
        except NotFound:
            return link.owner if link.owner == LOCAL_ADMIN else None
        return link.owner if account.disabled_at is None else None


def channel_of(channels: Collection[Channel], chat: str) -> Channel | None:
    """Return the channel that tells a chat."""
    own = (each for each in channels if each.type == TELEGRAM and str(each.options.get("chat_id")) == chat)
    return next(own, None)


def _person(sender: Sender, owner: str, channel: Channel | None, *, may_change: bool) -> Person:
    options = channel.options if channel is not None else {}
    stated = options.get("language")
    language: Language = "de" if stated == "de" else "en" if stated == "en" else language_of(sender.speaks)
    return Person(
        id=sender.person,
        name=clean(sender.name, "name") or sender.person,
        owner=owner,
        chat=sender.chat,
        is_group=sender.is_group,
        language=language,
        zone=str(options.get("zone") or "UTC"),
        may_change=may_change,
        channel=channel,
    )


class Taken(NamedTuple):
    """Whether something is heard, and if not whether the person is to be told so: once, until they rest."""

    is_heard: bool
    is_told: bool = False


class RateLimit:
    """How much each person may ask: a bucket that fills again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float, bool]] = OrderedDict()

    def take(self, person: str) -> Taken:
        """Take one of a person's."""
        now = self._clock.monotonic()
        left, at, was_told = self._buckets.pop(person, (BURST, now, False))
        left = min(BURST, left + (now - at) * PER_SECOND)
        is_heard = left >= 1
        self._buckets[person] = (left - is_heard, now, not is_heard)
        if len(self._buckets) > MOST_KNOWN:
            self._buckets.popitem(last=False)
        return Taken(is_heard, not is_heard and not was_told)

    def __len__(self) -> int:
        return len(self._buckets)
