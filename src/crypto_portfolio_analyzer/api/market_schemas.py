"""What charts are told: bars with what is missing between them, series over them, levels of alerts."""

from typing import Annotated

from pydantic import BaseModel, Field

from crypto_portfolio_analyzer.api.problems import Fault
from crypto_portfolio_analyzer.api.schemas import BarsView

Point = tuple[str, float | None]
"""The start of a bar, and the value there; null while it is unknown."""


class GapView(BaseModel):
    """A stretch that was missed, and how well it is known now."""

    from_at: str
    until_at: str
    status: str = Field(description="missing; or backfilled, approximated: fetched later")


class ChartView(BarsView):
    """Bars, oldest first; the last may still be forming."""

    gaps: list[GapView] = Field(description="what was missed between the bars, the newest 200")


class LineView(BaseModel):
    """One output of a series."""

    name: str = Field(description="empty if there is only one")
    points: list[Point]


class IndicatorView(BaseModel):
    """A series over bars."""

    expression: str = Field(description="as asked")
    spelling: str = Field(description="canonical")
    pane: str = Field(description="`price`: among the bars; `own`: below them")
    lines: list[LineView]
    levels: list[float] = Field(description="where traders draw a line across it")
    settled_at: str | None = Field(
        description="the first bar at which an alert would use it; null: none of these"
    )


class IndicatorsView(BaseModel):
    """Series over the same bars, in the order they were asked for."""

    symbol: str
    timeframe: str
    bars: int
    series: list[IndicatorView]


class SeriesCheckView(BaseModel):
    """Whether a text can be drawn; if not, what is wrong and where."""

    valid: bool
    spelling: str | None = Field(default=None, description="canonical")
    pane: str | None = Field(default=None, description="`price` or `own`")
    errors: list[Fault] = []


class LevelView(BaseModel):
    """A constant that an alert compares the price with; its condition is `before`, the number, `after`."""

    alert_id: str
    revision: int
    value: str
    series: str = Field(description="which price")
    relation: str = Field(
        description="above, below, either: crosses; over, under, at; inside, outside, enters, exits"
    )
    before: str
    after: str


class LevelsView(BaseModel):
    """The levels of one's own alerts on a symbol."""

    levels: list[LevelView]


SeriesText = Annotated[str, Field(max_length=200)]
