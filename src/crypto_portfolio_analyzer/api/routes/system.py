"""The machine in numbers: how each feed was covered over a day, what waits, where things are kept."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from crypto_portfolio_analyzer.api.auth import READ
from crypto_portfolio_analyzer.api.doors import House
from crypto_portfolio_analyzer.api.schemas import iso
from crypto_portfolio_analyzer.core.coverage import CoverageStatus, Interval
from crypto_portfolio_analyzer.core.timeframes import DAY

router = APIRouter(tags=["operation"])

MOST_SLOTS = 96


class CoverageView(BaseModel):
    """One stretch of a feed's day: shares of the time that its symbols were wanted; all null: nobody wanted any."""

    live: float | None
    backfilled: float | None = Field(description="fetched later, whole or as bars")
    missing: float | None


class FeedDayView(BaseModel):
    """A feed's last 24 hours in equal stretches, oldest first."""

    venue: str
    slots: list[CoverageView]


class QueueView(BaseModel):
    """Something that waits: how many now, and how many at most before the oldest or newest are dropped."""

    name: str
    waiting: int
    most: int | None
    dropped: int


class StorageView(BaseModel):
    """Where things are kept."""

    engine: str = Field(description="sqlite or postgresql")
    bytes: int | None = Field(description="size of the database file; null on a server")
    free_bytes: int = Field(description="on the disk of the data folder")


class SystemView(BaseModel):
    """The machine in numbers."""

    since: str
    until: str
    feeds: list[FeedDayView]
    queues: list[QueueView]
    storage: StorageView


@router.get("/api/system", dependencies=[READ])
async def system(
    house: House, slots: Annotated[int, Query(ge=1, le=MOST_SLOTS, description="stretches of the day")] = 48
) -> SystemView:
    """Tell coverage over 24 hours, queues and storage."""
    now = house.clock.now()
    edges = [now - DAY + DAY * place // slots for place in range(slots + 1)]
    feeds = [
        FeedDayView(venue=venue, slots=day(await house.coverage.of_venue(venue, now - DAY), edges))
        for venue in house.feeds.feeds
    ]
    insides = house.insides()
    return SystemView(
        since=iso(edges[0]),
        until=iso(now),
        feeds=feeds,
        queues=[QueueView.model_validate(each, from_attributes=True) for each in insides.queues],
        storage=StorageView.model_validate(insides.storage, from_attributes=True),
    )


def day(intervals: list[Interval], edges: list[int]) -> list[CoverageView]:
    """Return the shares of each stretch between two edges (ns), over the intervals of any number of symbols."""
    spans = [dict.fromkeys(CoverageStatus, 0) for _ in edges[1:]]
    first, width = edges[0], max(1, (edges[-1] - edges[0]) // len(spans))
    for interval in intervals:
        begin = max(0, (interval.from_at - first) // width - 1)
        for place in range(begin, len(spans)):
            if edges[place] >= interval.until_at:
                break
            within = min(interval.until_at, edges[place + 1]) - max(interval.from_at, edges[place])
            if within > 0:
                spans[place][interval.status] += within
    return [_shares(each) for each in spans]


def _shares(spans: dict[CoverageStatus, int]) -> CoverageView:
    total = sum(spans.values())
    if not total:
        return CoverageView(live=None, backfilled=None, missing=None)
    late = spans[CoverageStatus.BACKFILLED] + spans[CoverageStatus.APPROXIMATED]
    return CoverageView(
        live=round(spans[CoverageStatus.LIVE] / total, 4),
        backfilled=round(late / total, 4),
        missing=round(spans[CoverageStatus.MISSING] / total, 4),
    )
