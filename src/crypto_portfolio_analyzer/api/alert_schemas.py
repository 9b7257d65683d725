"""What alerts, firings and silences look like outside."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel

from crypto_portfolio_analyzer.api.delivery_schemas import DeliveryStats, FiringDeliveryView
from crypto_portfolio_analyzer.api.schemas import Asked, Instant


def storable(value: Any) -> Any:
    """Return what holds only texts that every database keeps: no zero byte, no half of a surrogate pair.

    Raises:
        ValueError: it holds another.

    """
    texts = [value]
    while texts:
        each = texts.pop()
        if isinstance(each, dict):
            texts += [*each, *each.values()]
        elif isinstance(each, list):
            texts += each
        elif isinstance(each, str) and (
            "\0" in each or any("\ud800" <= letter <= "\udfff" for letter in each)
        ):
            message = "holds a character that no text has"
            raise ValueError(message)
    return value


Storable = AfterValidator(storable)


class SentenceView(BaseModel):
    """One sentence in each language."""

    en: str
    de: str


class RearmView(BaseModel):
    """How far the value must go back before the alert may fire again; one of the two."""

    level: str | None = None
    percent: float | None = None


class StandingView(BaseModel):
    """The state of an alert for one symbol."""

    symbol: str
    state: str
    reason: str
    since: str | None
    fired: int = Field(description="how often since it was armed first")
    last_fired_at: str | None
    cooldown_until: str | None
    suppressed: int = Field(description="triggers swallowed by cooldown, re-arm level or silence")


class AlertView(BaseModel):
    """An alert as it is now."""

    id: str
    name: str
    symbol: str | None = Field(description="the symbol, if it is one")
    symbols: list[str] = Field(description='canonical; `["*"]` is every symbol the venue streams')
    watchlist: str | None
    condition: str = Field(description="in its canonical spelling")
    timeframe: str
    trigger: str
    cooldown_seconds: float
    rearm: RearmView | None
    fresh: bool = Field(description="wait until it becomes true again")
    expires_at: str | None
    max_triggers: int | None
    severity: str
    message: str
    channels: list[str]
    tags: list[str]
    enabled: bool
    state: str = Field(description="of several symbols the liveliest")
    reason: str = Field(description="why it is in this state")
    states: dict[str, int] = Field(description="symbols by state")
    standings: list[StandingView] = Field(description="one for each symbol, up to 50")
    revision: int
    summary: str = Field(description="the condition as a sentence, in English")
    sentence: SentenceView
    fired_30d: int
    last_fired_at: str | None
    nearest_percent: float | None = Field(
        description="how far the price is from flipping the nearest question"
    )
    created_at: str
    updated_at: str
    source: str = Field(description="which door it came through")


class AlertsView(BaseModel):
    """A page of alerts, in the order they were made."""

    alerts: list[AlertView]
    next_cursor: str | None = None


class AlertFields(RootModel[Annotated[dict[str, Any], Storable]]):
    """What an alert asks; of `symbol`, `symbols` and `watchlist` exactly one."""

    model_config = ConfigDict(
        json_schema_extra={
            "properties": {
                "name": {"type": "string", "description": "unique per owner"},
                "symbol": {
                    "type": "string",
                    "description": 'any spelling; `"*"` is every symbol of the venue',
                },
                "symbols": {"type": "array", "items": {"type": "string"}},
                "watchlist": {"type": "string"},
                "condition": {"type": "string", "description": "see the condition language"},
                "timeframe": {"type": "string", "default": "1m"},
                "trigger": {
                    "type": "string",
                    "default": "once",
                    "description": "once, every_time, once_per_bar, once_per_bar_close or once_per_minute",
                },
                "cooldown_seconds": {"type": "number", "default": 60},
                "rearm": {"type": "object", "description": "`level` or `percent`"},
                "expires_at": {"type": "string", "format": "date-time"},
                "max_triggers": {"type": "integer"},
                "severity": {
                    "type": "string",
                    "default": "info",
                    "description": "info, warning or critical",
                },
                "message": {"type": "string"},
                "channels": {"type": "array", "items": {"type": "string"}},
                "tags": {"type": "array", "items": {"type": "string"}},
                "fresh": {"type": "boolean", "default": False},
                "enabled": {"type": "boolean", "default": True},
            }
        }
    )


class DeletedView(BaseModel):
    """An alert that is gone, and until when that can be taken back."""

    id: str
    restore_until: str


class OperandView(BaseModel):
    """One value of a condition: what it was before, what it was then."""

    text: str
    value: float | None
    before: float | None


class LeafView(BaseModel):
    """One question of a condition at an instant."""

    text: str
    holds: bool | None = Field(description="null: unknown")
    value: float | None = Field(description="of the left side")
    need: float | None = Field(description="the value of the right side")
    distance: float | None = Field(description="how far from flipping, in the left side's unit")
    missing: str = Field(description="which operand is unknown, and why")
    left: OperandView | None
    right: OperandView | None


class EvidenceView(BaseModel):
    """Everything needed to see afterwards why a condition was true."""

    sentence: str
    leaves: list[LeafView]
    values: dict[str, float | None] = Field(description="every series by its canonical spelling")
    before: dict[str, float | None]
    venue: str
    trade_id: int | None
    bar_open_at: str | None
    warmed_with: int | None = Field(description="how many bars the slowest indicator had seen")
    note: str


class FiringView(BaseModel):
    """A condition that became true."""

    id: str
    seq: int = Field(description="its place among the owner's firings")
    alert_id: str
    alert_name: str | None = Field(description="null once the alert is deleted")
    severity: str | None
    message: str | None
    revision: int
    symbol: str
    price: str | None = Field(description="null if none was known, as when a feed fell silent")
    event_at: str = Field(description="the venue's instant")
    received_at: str
    detected_at: str
    stored_at: str
    late: bool
    approximated: bool
    cause: str = Field(description="live, gap_backfill, out_of_order, restart or boundary")
    simulated: bool
    seen_at: str | None = Field(description="when somebody said that it was seen")
    seen_by: str | None
    evidence: EvidenceView
    deliveries: list[FiringDeliveryView] = Field(description="what became of it, channel by channel")


class FiringsView(BaseModel):
    """A page of firings, newest first."""

    firings: list[FiringView]
    next_cursor: str | None = None


class SuppressedView(BaseModel):
    """A trigger that cooldown, re-arm level or a silence swallowed."""

    symbol: str
    revision: int
    event_at: str
    price: str | None
    reason: str


class RevisionView(BaseModel):
    """What an alert asked from an instant on."""

    revision: int
    at: str
    name: str
    symbols: list[str]
    condition: str
    timeframe: str
    trigger: str
    enabled: bool
    fields: dict[str, Any] = Field(description="everything, as it would be posted")


class HistoryView(BaseModel):
    """What became of an alert; each list newest first."""

    alert_id: str
    revisions: list[RevisionView]
    firings: list[FiringView]
    suppressed: list[SuppressedView]


class ExplanationView(BaseModel):
    """Why an alert has, or has not, fired for one symbol."""

    symbol: str
    state: str
    reason: str
    sentence: str
    holds: bool | None
    leaves: list[LeafView]
    warm_up: str
    cooldown_until: str | None
    silenced_until: str | None
    suppressed: int
    nearest_percent: float | None


class ExplanationsView(BaseModel):
    """Why an alert has, or has not, fired, symbol by symbol."""

    alert_id: str
    explanations: list[ExplanationView]


class SilenceRequest(Asked):
    """Which alerts are not told of, from when until when; of `ends_at` and `duration_seconds` exactly one."""

    matchers: Annotated[dict[str, str], Storable] = Field(
        description="name, symbol, tag, severity or id with a value; `*` for any rest"
    )
    starts_at: Instant | None = Field(default=None, description="now, if left out; a zone-less time is UTC")
    ends_at: Instant | None = None
    duration_seconds: float | None = Field(default=None, gt=0, le=31_622_400)
    comment: Annotated[str, Storable] = Field(default="", max_length=500)


class SilenceView(BaseModel):
    """A silence; alerts that match fire and are stored as suppressed."""

    id: str
    matchers: dict[str, str]
    starts_at: str
    ends_at: str
    comment: str
    created_at: str
    active: bool


class SilencesView(BaseModel):
    """Silences that have not ended."""

    silences: list[SilenceView]


class AlertStats(BaseModel):
    """One's own alerts in numbers."""

    total: int
    by_state: dict[str, int] = Field(description="each symbol of each alert counts")
    fired_24h: int
    fired_30d: int
    fired: int = Field(description="ever; also the newest `seq`")
    suppressed: int
    monitoring: bool


class FeedStats(BaseModel):
    """The feeds in numbers."""

    connected: int
    gaps_open: int
    facts: int
    watches: int


class StatsView(BaseModel):
    """Numbers on everything."""

    alerts: AlertStats
    deliveries: DeliveryStats
    feeds: FeedStats


class WatchlistFields(Asked):
    """What a watchlist holds."""

    symbols: list[str] = Field(min_length=1, max_length=1000, description="any spelling")


class WatchlistView(BaseModel):
    """Symbols under one name."""

    name: str
    symbols: list[str] = Field(description="canonical")


class WatchlistsView(BaseModel):
    """All of one's watchlists."""

    watchlists: list[WatchlistView]
