"""Alerts: a condition with an owner, a state and a memory; what fired, and why.

Instants are ns UTC, spans ns. A *standing* is the state of one alert for one subject: one alert over a watchlist
has many. `number` is the alert's small integer, for columns; `id` its name to the outside.
"""

import base64
import hashlib
from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

DEFAULT_COOLDOWN = 60 * 10**9
EVERY_SYMBOL = "*"


class AlertState(StrEnum):
    """Where a standing is in its life."""

    DRAFT = "draft"
    WARMING = "warming"
    ARMED = "armed"
    PENDING = "pending"
    FIRING = "firing"
    COOLDOWN = "cooldown"
    NO_DATA = "no_data"
    PAUSED = "paused"
    EXPIRED = "expired"
    DONE = "done"
    ERROR = "error"


class Trigger(StrEnum):
    """When a true condition fires (conditions.md 20)."""

    ONCE = "once"
    EVERY_TIME = "every_time"
    ONCE_PER_BAR = "once_per_bar"
    ONCE_PER_BAR_CLOSE = "once_per_bar_close"
    ONCE_PER_MINUTE = "once_per_minute"


class Severity(StrEnum):
    """How much it matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Cause(StrEnum):
    """Why a firing is what it is: on time, or late and through what."""

    LIVE = "live"
    GAP_BACKFILL = "gap_backfill"
    OUT_OF_ORDER = "out_of_order"
    RESTART = "restart"
    BOUNDARY = "boundary"
    """Judged at the boundary + 2 s with another symbol's previous bar."""


class Rearm(Struct, frozen=True, omit_defaults=True):
    """Hysteresis: how far the value must go back before the alert may fire again; exactly one of the two."""

    level: float | None = None
    percent: float | None = None


class Alert(Struct, frozen=True, kw_only=True, gc=False):
    """One revision of an alert. `symbols` are canonical; `("*",)` is every symbol the venue streams."""

    id: str
    number: int
    owner: str
    name: str
    symbols: tuple[str, ...]
    condition: str
    timeframe: str = "1m"
    trigger: Trigger = Trigger.ONCE
    cooldown: int = DEFAULT_COOLDOWN
    rearm: Rearm | None = None
    fresh: bool = False
    expires_at: int | None = None
    max_triggers: int | None = None
    severity: Severity = Severity.INFO
    message: str = ""
    channels: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    watchlist: str | None = None
    enabled: bool = True
    revision: int = 1
    created_at: int = 0
    updated_at: int = 0
    source: str = "api"
    """Which door it came through: api, cli, yaml, page, gpt, bot."""


class Standing(Struct, kw_only=True, gc=False):
    """The memory of one alert for one subject; what survives a restart.

    `epoch` counts armings from 1. `memory` is what the judge must remember of the condition (sides of edges,
    beginnings of holds), opaque to everybody else. `key` is the last consumed bar or minute of per-bar triggers.
    """

    alert_id: str
    symbol: str
    revision: int
    state: AlertState = AlertState.WARMING
    reason: str = ""
    epoch: int = 1
    fired: int = 0
    since: int = 0
    last_fired_at: int | None = None
    cooldown_until: int | None = None
    key: int | None = None
    suppressed: int = 0
    memory: bytes = b""


class Operand(Struct, frozen=True):
    """One series or value of a condition at an instant: what it was before, what it was then."""

    text: str
    value: float | None
    before: float | None = None


class Leaf(Struct, frozen=True):
    """One question of the condition at an instant. `distance` is how far from flipping, in the left side's unit."""

    text: str
    holds: bool | None
    left: Operand | None = None
    right: Operand | None = None
    distance: float | None = None
    missing: str = ""
    """Which operand is unknown, and why."""


class Evidence(Struct, frozen=True):
    """Everything needed to see afterwards why a condition was true."""

    sentence: str
    leaves: tuple[Leaf, ...]
    values: Mapping[str, float | None]
    """Every operand by its canonical spelling: a series, or a value computed from several."""
    before: Mapping[str, float | None]
    venue: str
    trade_id: int | None = None
    bar_open_at: int | None = None
    warmed_with: int | None = None
    """How many bars the slowest indicator had seen."""
    note: str = ""


class Firing(Struct, frozen=True, kw_only=True):
    """A condition became true and somebody is to be told. Its id is a hash: computing it twice gives the same."""

    id: str
    alert_id: str
    revision: int
    symbol: str
    key: str
    """Arming epoch, bar open or minute, by trigger."""
    price: float
    event_at: int
    received_at: int
    detected_at: int
    evidence: Evidence
    late: bool = False
    approximated: bool = False
    cause: Cause = Cause.LIVE
    stored_at: int = 0
    seq: int = 0
    """Place in its owner's durable feed, given by the store."""


class Suppressed(Struct, frozen=True, kw_only=True):
    """A trigger that would have fired but for cooldown, re-arm level or silence."""

    alert_id: str
    symbol: str
    revision: int
    event_at: int
    price: float
    reason: str


class Explanation(Struct, frozen=True, kw_only=True):
    """Why an alert has, or has not, fired for one subject: what holds, what is missing, what stands in the way."""

    alert_id: str
    symbol: str
    state: AlertState
    reason: str
    sentence: str
    holds: bool | None
    leaves: tuple[Leaf, ...]
    warm_up: str = ""
    cooldown_until: int | None = None
    silenced_until: int | None = None
    suppressed: int = 0
    nearest_percent: float | None = None
    """How far the price is from flipping the nearest leaf, in percent of the price, where that can be told."""


class Silence(Struct, frozen=True, kw_only=True):
    """Alerts that match are not told of between two instants; they fire and are stored as suppressed.

    `matchers` pairs a field (name, symbol, tag, severity, id) with a value, `*` for any rest; all must hold.
    """

    id: str
    owner: str
    matchers: Mapping[str, str]
    starts_at: int
    ends_at: int
    comment: str = ""
    created_at: int = 0


class Decision(Struct, kw_only=True):
    """What one judgement changed, to be stored in one transaction."""

    standing: Standing
    firing: Firing | None = None
    suppressed: Suppressed | None = None


class Cursor(Struct, frozen=True):
    """How far the facts of one symbol at one venue have been judged."""

    symbol: str
    venue: str
    event_at: int
    trade_id: int | None = None
    price: float | None = None


class Batch(Struct, kw_only=True):
    """Everything judged since the last commit: decisions in order, and how far each symbol has come.

    `dirty` are standings whose memory changed without a decision; stored with the cursors they are consistent
    with.
    """

    decisions: list[Decision] = field(default_factory=list)
    dirty: list[Standing] = field(default_factory=list)
    cursors: list[Cursor] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.decisions or self.dirty or self.cursors)


def firing_id(alert_id: str, revision: int, symbol: str, key: str) -> str:
    """Return the identity of a firing: 128 bits of SHA-256 over version, alert, revision, symbol and key."""
    text = "\x1f".join(("v1", alert_id, str(revision), symbol, key))
    digest = hashlib.sha256(text.encode()).digest()[:16]
    return base64.b32encode(digest).decode().rstrip("=").lower()


class AlertDraft(Struct, frozen=True, kw_only=True):
    """What somebody asks for: the fields of `POST /api/alerts`, read and each plausible by itself.

    Symbols are as they were written; the engine makes them canonical and checks the condition.
    """

    name: str
    condition: str
    symbols: tuple[str, ...] = ()
    watchlist: str | None = None
    timeframe: str = "1m"
    trigger: Trigger = Trigger.ONCE
    cooldown: int = DEFAULT_COOLDOWN
    rearm: Rearm | None = None
    fresh: bool = False
    expires_at: int | None = None
    max_triggers: int | None = None
    severity: Severity = Severity.INFO
    message: str = ""
    channels: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    enabled: bool = True
    source: str = "api"
