"""What deliveries and their attempts look like outside."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from crypto_portfolio_analyzer.api.schemas import Asked, Instant
from crypto_portfolio_analyzer.core.notices.notification import DeliveryState, Kind

MOST_IDS = 1000
"""How many deliveries one request may name."""


class ChannelNameView(BaseModel):
    """The channel of a delivery; name and type are null once it is removed."""

    id: str
    name: str | None
    type: str | None


class AttemptView(BaseModel):
    """One try to send; bodies are not kept."""

    number: int
    at: str
    took_ms: float
    outcome: str = Field(description="accepted, failed, or unknown: it may have arrived")
    status: int | None = Field(description="the other end's status: HTTP, SMTP or Bot API")
    error: str = Field(description="a closed word, like timeout_connect, tls, dns, refused or status")
    detail: str


class FiringDeliveryView(BaseModel):
    """What became of a firing at one channel."""

    id: str
    channel: ChannelNameView
    state: str = Field(
        description="queued, sending, retry_wait, delivered, dead, cancelled or suppressed; the first three pending"
    )
    reason: str = Field(description="why it waits, or why it is final")
    attempts: int = Field(description="since it was queued, or queued again")
    first_attempt_at: str | None
    accepted_at: str | None
    next_attempt_at: str | None = Field(description="when it is tried next; null if it is not")
    last_status: int | None = Field(description="the other end's newest status")
    unsure: bool = Field(description="an attempt with unknown outcome may have arrived")


class StampsView(BaseModel):
    """The instants of a firing's way to one channel."""

    event_at: str
    received_at: str
    detected_at: str
    stored_at: str
    first_attempt_at: str | None
    accepted_at: str | None


class DeliveryFiringView(BaseModel):
    """The firing that a delivery tells of."""

    id: str
    alert_id: str
    alert_name: str | None = Field(description="null once the alert is deleted")
    symbol: str
    price: str | None
    event_at: str


class DeliveryView(FiringDeliveryView):
    """One matter for one channel."""

    number: int = Field(description="counts up in the order of queueing, over all channels")
    kind: str = Field(description="firing, test, notice or inbound")
    title: str = Field(description="what it is about, in a line")
    firing: DeliveryFiringView | None
    stamps: StampsView | None = Field(description="null for what is about no firing")
    created_at: str
    expires_at: str | None
    settled_at: str | None
    answer: str = Field(description="what a trading bot answered; of others nothing is kept")


class DeliveryDetailView(DeliveryView):
    """One delivery with everything that was tried."""

    attempt_log: list[AttemptView] = Field(description="oldest first, over all its queueings")


class DeliveriesView(BaseModel):
    """A page of deliveries, newest first."""

    deliveries: list[DeliveryView]
    next_cursor: str | None = None


class DeliveryQuery(Asked):
    """Which deliveries are listed."""

    model_config = ConfigDict(strict=False)  # in an address everything is text

    channel_id: str | None = Field(default=None, max_length=200, description="id or name")
    firing_id: str | None = Field(default=None, max_length=200)
    alert_id: str | None = Field(default=None, max_length=200)
    state: list[DeliveryState] = Field(default=[], description="again for more")
    kind: Kind | None = None
    since: Instant | None = Field(default=None, description="queued from then on; a zone-less time is UTC")
    until: Instant | None = Field(default=None, description="queued before then")
    limit: int = Field(default=100, ge=1, le=200)
    cursor: int | None = Field(default=None, ge=0, le=2**62, description="next_cursor of the page before")


class RedeliverRequest(Asked):
    """Which deliveries are sent again: those named, or those that a filter finds."""

    ids: list[str] | None = Field(default=None, min_length=1, max_length=MOST_IDS)
    channel_id: str | None = Field(default=None, max_length=200, description="id or name")
    since: Instant | None = Field(default=None, description="queued from then on; a zone-less time is UTC")
    until: Instant | None = Field(default=None, description="queued before then")
    states: list[Annotated[DeliveryState, Field(strict=False)]] = Field(  # texts, in JSON
        default=[DeliveryState.DEAD], description="of a filter only"
    )
    anyway: bool = Field(default=False, description="also orders past their time to live")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        filters = (self.channel_id, self.since, self.until)
        if (self.ids is None) == all(each is None for each in filters):
            message = "give ids, or a filter by channel_id, since or until"
            raise ValueError(message)
        return self


class RedeliverOneRequest(Asked):
    """How one delivery is sent again."""

    anyway: bool = Field(default=False, description="also an order past its time to live")


class RedeliveredView(BaseModel):
    """What is sent again, under the same keys."""

    redelivered: int
    ids: list[str]
    more: bool = Field(description="there are more than one request takes: ask again")


class ChannelLawView(BaseModel):
    """The conservation law of one channel: what was to be told there is in exactly one state."""

    channel_id: str
    told: int = Field(description="firings stored with a delivery for this channel")
    states: dict[str, int]
    broken: list[str] = Field(description="deliveries that contradict themselves, with the reason")


class LawView(BaseModel):
    """Whether nothing was lost."""

    holds: bool
    channels: list[ChannelLawView]


class StepView(BaseModel):
    """How long one step of a firing's way takes, in seconds; null before the first."""

    p50: float | None
    p90: float | None
    p99: float | None
    count: int


class DeliveryStats(BaseModel):
    """One's own deliveries in numbers."""

    by_state: dict[str, int]
    waiting: int = Field(description="not final yet")
    oldest_due_seconds: float | None = Field(
        description="how long the oldest one that could be sent has been due; null: none is"
    )
    steps: dict[str, StepView] = Field(
        description="received, evaluated, stored, attempted, accepted; of this process, everybody's"
    )
