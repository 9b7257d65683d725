"""What S0's live alerts and GPT alerts look like outside: JSON numbers and the field names of that document."""

from pydantic import BaseModel, Field

from crypto_portfolio_analyzer.api.schemas import Asked


class LiveStatusView(BaseModel):
    """S0's status: what of one's own alerts is monitored."""

    monitoring_active: bool
    total_alerts: int = Field(description="alerts at work")
    active_streams: int
    check_interval: int = Field(description="seconds between looks for symbols no stream serves")
    spam_protection_active: int = Field(description="alerts in cooldown")
    streaming_symbols: list[str]


class StreamView(BaseModel):
    """One symbol with alerts, or with a stream started by hand."""

    symbol: str
    active: bool
    alerts_count: int
    last_price: float | None
    last_update: str | None = Field(description="the venue's instant of that price")


class MonitoringView(BaseModel):
    """What the switch of monitoring did."""

    status: str = Field(description="started, already_running, stopped or already_stopped")
    message: str
    check_interval: int | None = None
    streams_stopped: int | None = None


class StreamSwitchView(BaseModel):
    """What the switch of a stream did."""

    status: str = Field(description="started, already_active, stopped or not_active")
    message: str
    symbol: str = Field(description="spelled as asked")


class LiveSystem(BaseModel):
    """The monitoring itself."""

    running: bool
    check_interval: int
    redis_connected: bool


class LiveAlerts(BaseModel):
    """Alerts at work."""

    total_active: int
    by_symbol: dict[str, int]


class LiveStreams(BaseModel):
    """Streams that are open."""

    active_count: int
    symbols: list[str]


class LiveCache(BaseModel):
    """Symbols with a known price."""

    price_cache_size: int
    cached_symbols: list[str]


class LiveProtection(BaseModel):
    """Alerts in cooldown."""

    spam_blocks_active: int


class LivePerformanceView(BaseModel):
    """S0's performance."""

    timestamp: str
    system: LiveSystem
    alerts: LiveAlerts
    streams: LiveStreams
    cache: LiveCache
    protection: LiveProtection


class ProbeView(BaseModel):
    """How long a symbol's price took to come."""

    symbol: str = Field(description="spelled as asked")
    price: float
    source: str
    latency_ms: float
    event_at: str
    stale: bool


class GptRequest(Asked):
    """S0's alert."""

    symbol: str = Field(max_length=64)
    alert_type: str = Field(description="price_above, price_below or breakout")
    target_price: float = Field(gt=0, allow_inf_nan=False)
    description: str | None = None


class GptMade(BaseModel):
    """S0's answer to a creation."""

    status: str = "success"
    alert_id: str
    message: str


class GptAlert(BaseModel):
    """An alert as S0 knows it."""

    id: str
    symbol: str
    alert_type: str
    target_price: float
    description: str
    created_at: str
    triggered: bool


class GptStats(BaseModel):
    """S0's numbers: alerts at work, and the newest prices of their symbols."""

    total_active: int
    by_symbol: dict[str, int]
    price_cache: dict[str, float]


class GptDone(BaseModel):
    """S0's answer to a deletion."""

    status: str = "success"
    message: str


class GptCheck(BaseModel):
    """One thing alerts need, and whether it is well."""

    name: str
    ok: bool
    detail: str


class GptTest(BaseModel):
    """Whether alerts can work."""

    status: str = Field(description="success or degraded")
    message: str
    checks: list[GptCheck]


class GptInfo(BaseModel):
    """What there is."""

    name: str = "Crypto Analyzer alerts"
    version: str
    alert_types: dict[str, str]
    endpoints: list[str]
