"""Notifications and their deliveries: what is told, to which channel, and what became of it.

Instants are ns UTC, spans ns. A *delivery* is one firing (or one other matter) for one channel, and one row of the
outbox; a *message* is what one send carries: one delivery, or a digest of many of the same channel.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from crypto_portfolio_analyzer.core.alerts import Alert, Firing, Severity
from crypto_portfolio_analyzer.core.formats import Language
from crypto_portfolio_analyzer.core.timeframes import DAY

MAX_AGE = DAY
"""How old a firing may be and still be told by itself; an older one goes out only as part of a digest."""


class Kind(StrEnum):
    """What a delivery is about."""

    FIRING = "firing"
    TEST = "test"
    NOTICE = "notice"
    """We have something to say ourselves: a channel was switched off, a confirmation is asked for."""
    INBOUND = "inbound"
    """Somebody else's signal, routed on."""


class DeliveryState(StrEnum):
    """Where a delivery is. The first three are pending, the others final until somebody asks for it again."""

    QUEUED = "queued"
    SENDING = "sending"
    RETRY_WAIT = "retry_wait"
    DELIVERED = "delivered"
    DEAD = "dead"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


PENDING = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.RETRY_WAIT)
WAITING = (DeliveryState.QUEUED, DeliveryState.RETRY_WAIT)
"""What can be claimed."""


class Channel(Struct, frozen=True, kw_only=True):
    """One way of telling one owner, as it is stored. `options` are those of its type, secrets among them.

    Options hold text, numbers, booleans, lists and mappings. They are sealed in the database; `shown` of the type
    is what may be seen of them.
    """

    id: str
    owner: str
    type: str
    name: str
    options: Mapping[str, object]
    enabled: bool = True
    is_default: bool = False
    """Told of alerts that name no channel."""
    ttl: int | None = None
    """How long after its event a firing is worth sending here; None: MAX_AGE, then as part of a digest."""
    verified_at: int | None = None
    """When it was shown that the owner holds the other end; None: it is sent nothing but the question."""
    disabled_reason: str = ""
    failing_since: int | None = None
    """Since when every attempt has failed; None: the last one did not."""
    failures: int = 0
    """Failed attempts in a row."""
    paused_until: int | None = None
    """The other end asked to be left alone until then."""
    created_at: int = 0
    updated_at: int = 0

    def __repr__(self) -> str:
        return f"Channel({self.type}, {self.id})"  # options hold secrets, and would stand in every log of a failure


class Content(Struct, frozen=True, kw_only=True):
    """What a delivery carries that is about no firing."""

    title: str
    text: str = ""
    severity: Severity = Severity.INFO
    data: Mapping[str, object] = {}


class Delivery(Struct, frozen=True, kw_only=True):
    """One row of the outbox. `number` counts up in the order of queueing, over all channels."""

    id: str
    number: int
    owner: str
    channel_id: str
    kind: Kind = Kind.FIRING
    firing_id: str | None = None
    content: Content | None = None
    state: DeliveryState = DeliveryState.QUEUED
    reason: str = ""
    """Why it waits, or why it is final: a closed word, or a sentence of the channel."""
    due_at: int = 0
    attempts: int = 0
    """Attempts since it was queued (again)."""
    created_at: int = 0
    expires_at: int | None = None
    claim: str | None = None
    """The token of the worker that holds it while it is `sending`."""
    first_attempt_at: int | None = None
    settled_at: int | None = None
    """When it became final; of a delivered one, when the other end accepted it."""
    unsure: bool = False
    """An earlier attempt may have arrived: its outcome is unknown."""
    reference: str = ""
    """What the other end calls the message: chat and message id."""
    answer: str = ""
    """What a bot answered, cut; of others nothing is kept."""


class Work(Struct, frozen=True, kw_only=True):
    """A claimed delivery with all that is needed to tell it; the alert as it was when it fired."""

    delivery: Delivery
    firing: Firing | None = None
    alert: Alert | None = None


class AttemptOutcome(StrEnum):
    """How an attempt ended; `unknown` is one that may have arrived."""

    ACCEPTED = "accepted"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Attempt(Struct, frozen=True, kw_only=True):
    """One try to send. Bodies are not kept."""

    delivery_id: str
    number: int
    at: int
    took: int
    outcome: AttemptOutcome
    status: int | None = None
    """The other end's status: HTTP, SMTP or Bot API."""
    error: str = ""
    """A closed word: `timeout_connect`, `tls`, `dns`, `reset`, `refused`, `blocked`, `status`, `too_large`, …"""
    detail: str = ""
    """A sentence for the owner."""


class Settlement(Struct, frozen=True, kw_only=True):
    """What became of a claimed delivery; stored only while `claim` still holds it."""

    delivery_id: str
    claim: str
    state: DeliveryState
    reason: str = ""
    due_at: int | None = None
    """When to try again; None leaves it."""
    attempt: Attempt | None = None
    reference: str = ""
    answer: str = ""
    unsure: bool = False


class Lane(Struct, frozen=True):
    """A channel with deliveries that wait: since when, and how many (up to a bound) are due."""

    channel: Channel
    due_at: int
    due: int


class Law(Struct, frozen=True):
    """The conservation law of one channel: every firing that was to be told there is in exactly one state."""

    channel_id: str
    """Empty for firings with more or fewer deliveries than they were stored with."""
    told: int
    """Firings committed with a delivery for this channel."""
    states: Mapping[DeliveryState, int]
    broken: tuple[str, ...] = ()
    """Deliveries that contradict themselves, with the reason; none ever should."""


class Notification(Struct, frozen=True, kw_only=True):
    """What one send carries, in the reader's language: words for people, `data` for programs.

    Every text is plain: the channel escapes for its own markup. `works` are the deliveries it settles.
    """

    key: str
    """`msg_<firing>_<channel>`, the same over all attempts; no full stop in it."""
    kind: Kind
    channel: Channel
    works: tuple[Work, ...]
    type: str
    """Dotted, for programs: `alert.fired`, `alert.digest`, `channel.test`, `channel.notice`, `signal.inbound`."""
    at: int
    """When this attempt was made ready."""
    attempt: int
    severity: Severity
    headline: str
    """The lock screen's line: marks, symbol, direction, price, condition."""
    lines: tuple[str, ...] = ()
    """What else is worth reading, one thought a line."""
    note: str = ""
    """The owner's own words."""
    more: tuple[str, ...] = ()
    """What is read only by who wants to."""
    body: str = ""
    """The channel's own template, filled in; replaces all of the above where it is set."""
    data: Mapping[str, object] = {}
    language: Language = "en"
    simulated: bool = False
    is_repeat: bool = False
    """An earlier attempt may have arrived; where there is no key to tell by, the text says so."""
    expires_at: int | None = None
    url: str = ""
    """Where to read on; empty without a public address."""

    @property
    def firing(self) -> Firing | None:
        """Return the firing of a message about exactly one."""
        return self.works[0].firing if len(self.works) == 1 else None

    @property
    def alert(self) -> Alert | None:
        """Return the alert of a message about exactly one firing."""
        return self.works[0].alert if len(self.works) == 1 else None


def message_key(delivery_id: str) -> str:
    """Return the key of the message of a delivery, the same over attempts, restarts and redeliveries."""
    return f"msg_{delivery_id}"


def delivery_id(firing_id: str, channel_id: str) -> str:
    """Return the identity of the delivery of a firing to a channel: computing it twice gives the same."""
    return f"{firing_id}_{channel_id}"
