"""What the editor of alerts asks and is told: validation and back-tests."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from crypto_portfolio_analyzer.api.alert_schemas import LeafView, SentenceView
from crypto_portfolio_analyzer.api.problems import Fault
from crypto_portfolio_analyzer.api.schemas import Asked


class ValidateRequest(Asked):
    """A condition to look at."""

    condition: str
    symbol: str | None = Field(default=None, max_length=64)
    timeframe: str = Field(default="1m", max_length=16)


class FaultView(Fault):
    """What is wrong, where, and what would be right; `column` is `start`, `message` is `problem`."""

    column: int | None = None
    message: str


class CautionView(BaseModel):
    """Something that is allowed and probably not meant."""

    message: str
    remedy: str
    start: int
    end: int


class ValidationView(BaseModel):
    """What a condition means, and whether it is true now."""

    valid: bool
    condition: str | None = Field(default=None, description="in its canonical spelling")
    timeframe: str | None = None
    sentence: SentenceView | None = None
    cautions: list[CautionView] = []
    errors: list[FaultView] = []
    holds_now: bool | None = Field(default=None, description="null: unknown")
    leaves: list[LeafView] = []
    unknown: str = Field(default="", description="why truth is not known now")


class SweepRequest(Asked):
    """Thresholds to try instead of the condition's first number, ends included."""

    model_config = ConfigDict(allow_inf_nan=False)

    start: float = Field(alias="from")
    to: float
    steps: int = Field(default=21, ge=2, le=41)


class BacktestRequest(Asked):
    """A condition, and the past to ask it of: the last `days` (30, if left out), or the time of so many `bars`."""

    condition: str
    symbol: str = Field(max_length=64)
    timeframe: str = Field(default="1m", max_length=16)
    days: float | None = Field(default=None, gt=0, le=366)
    bars: int | None = Field(default=None, ge=1, le=100_000)
    trigger: str | None = Field(
        default=None, description="`every_time` where a tick series occurs, else `once_per_bar_close`"
    )
    cooldown_seconds: float = Field(default=0, ge=0, le=31_536_000)
    rearm: dict[str, Any] | None = Field(default=None, description="`level` or `percent`")
    fresh: bool = False
    sweep: SweepRequest | None = None


class PastFiringView(BaseModel):
    """When a condition would have fired."""

    event_at: str
    price: str | None
    bar_open_at: str
    values: dict[str, float | None]
    approximated: bool = Field(description="within the bar, its path guessed")


class OutcomeView(BaseModel):
    """What the price did after the firings."""

    after_seconds: int
    count: int = Field(description="firings that could be followed that far")
    median_percent: float | None
    share_up: float | None = Field(description="0 to 1")


class SweepView(BaseModel):
    """One threshold, and how often the condition would have fired with it."""

    value: float
    count: int
    suppressed: int


class HoleView(BaseModel):
    """A stretch without bars."""

    from_at: str
    until_at: str
    missing: int = Field(description="bars")


class BacktestView(BaseModel):
    """What a condition would have done."""

    symbol: str
    condition: str
    timeframe: str
    trigger: str
    bars: int
    days: float
    first_at: str
    last_at: str
    count: int
    suppressed: int
    approximated: bool
    firings: list[PastFiringView] = Field(description="oldest first, the newest 1000")
    outcomes: list[OutcomeView]
    after: dict[str, OutcomeView] = Field(description="the same by span: 1h and 24h")
    holes: list[HoleView]
    sweep: list[SweepView]
    simulated: bool


class SeriesView(BaseModel):
    """Every series a condition can name, as an editor needs it."""

    series: list[dict[str, Any]] = Field(
        description="name, family, domain, signature, parameters, outputs, summary and about by language"
    )


class CompleteRequest(Asked):
    """A condition that is being written, and where the cursor stands (0-based)."""

    text: str = Field(max_length=2000)
    cursor: int = Field(ge=0)
    language: Literal["en", "de"] = "en"


class CompletionView(BaseModel):
    """A text that may stand in `start`..`end`."""

    text: str
    kind: str = Field(description="series, function, output, keyword, timeframe or name")
    start: int
    end: int
    about: str


class SignatureView(BaseModel):
    """What the parentheses around the cursor take."""

    label: str
    parameters: list[str]
    active: int | None = Field(description="which of them the cursor is in")
    about: str


class CompletionsView(BaseModel):
    """What may stand at the cursor, up to 200."""

    completions: list[CompletionView]
    signature: SignatureView | None
