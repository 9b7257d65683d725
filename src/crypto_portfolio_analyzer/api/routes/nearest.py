"""What is nearest: for each symbol the one armed alert that lies closest to flipping, from the judge's memory.

Levels of the price come before any other question.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from crypto_portfolio_analyzer.api.auth import Reader
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.core.alerts import Alert, AlertState, Explanation, Leaf
from crypto_portfolio_analyzer.core.notices.deciding import START
from crypto_portfolio_analyzer.errors import NotFound

router = APIRouter(prefix="/api/nearest", tags=["alerts"])

MOST = 5000
"""Pairs of alert and symbol looked at for one answer: about 150 ms of work."""
SLICE = 50
"""Pairs between two turns of everybody else."""
_PAGE = 200
_PRICE = "price"
_WAITING = (AlertState.ARMED, AlertState.PENDING)


class NearView(BaseModel):
    """The question nearest to flipping, of one symbol."""

    symbol: str
    alert_id: str
    name: str
    kind: Literal["price", "move", "other"] = Field(
        description="price: the price against `need`; move: by how much it moves; other: any other series"
    )
    text: str = Field(description="the question in its canonical spelling")
    value: float | None = Field(description="of its left side now")
    need: float | None = Field(description="of its right side: for a price the level")
    distance: float | None = Field(description="in the left side's unit")
    percent: float | None = Field(description="the same in percent of the price, where the price decides")
    alerts: int = Field(description="how many armed alerts stand on the symbol")


class NearestView(BaseModel):
    """One's own armed alerts by symbol, each symbol once."""

    nearest: list[NearView]
    complete: bool = Field(description="false: too many pairs of alert and symbol to look at them all")


@router.get("")
async def nearest(house: House, who: Reader) -> NearestView:
    """Tell for each symbol which of one's own armed alerts is nearest to flipping."""
    found: dict[str, NearView] = {}
    looked_at = 0
    async for alert, symbol in _armed(house, who.owner):
        if looked_at == MOST:
            return NearestView(nearest=list(found.values()), complete=False)
        looked_at += 1
        if not looked_at % SLICE:
            await asyncio.sleep(0)
        seen = found.get(symbol)
        near = _near(house, alert, symbol, 1 if seen is None else seen.alerts + 1)
        if near is None:
            continue
        if seen is None or _rank(near) < _rank(seen):
            found[symbol] = near
        else:
            seen.alerts += 1
    return NearestView(nearest=list(found.values()), complete=True)


def score(near: NearView) -> float:
    """Return how near a question is: percent of the price, else of what it needs; what is unknown is far."""
    if near.percent is not None:
        return near.percent
    if near.distance is None:
        return float("inf")
    unit = abs(near.need or near.value or 0.0)
    return 100 * abs(near.distance) / unit if unit else abs(near.distance)


def _rank(near: NearView) -> tuple[bool, float]:
    """Return what a symbol's questions are sorted by: a level of the price tells more than the smallest move."""
    return near.kind != "price", score(near)


async def _armed(house: Doors, owner: str) -> AsyncIterator[tuple[Alert, str]]:
    """Yield an owner's armed pairs, alerts of few symbols first: they are what somebody put there by hand."""
    broad: list[Alert] = []
    after = 0
    while page := await house.alert_store.of_owner(owner, after=after, limit=_PAGE):
        after = page[-1].number
        for alert in page:
            if len(house.alerts.judge.standings(alert.id)) > _PAGE:
                broad.append(alert)
            else:
                for pair in _pairs(house, [alert]):
                    yield pair
        if len(page) < _PAGE:
            break
    for pair in _pairs(house, broad):
        yield pair


def _pairs(house: Doors, alerts: Sequence[Alert]) -> Iterator[tuple[Alert, str]]:
    for alert in alerts:
        for standing in house.alerts.judge.standings(alert.id):
            if standing.state in _WAITING:
                yield alert, standing.symbol


def _near(house: Doors, alert: Alert, symbol: str, alerts: int) -> NearView | None:
    try:
        told = house.alerts.judge.explain(alert.id, symbol)
    except NotFound:  # at rest by now
        return None
    leaf = _deciding(told)
    if leaf is None:
        return None
    kind = _kind(leaf)
    return NearView(
        symbol=symbol,
        alert_id=alert.id,
        name=alert.name,
        kind=kind,
        text=leaf.text,
        value=leaf.left.value if leaf.left else None,
        need=leaf.right.value if leaf.right else None,
        distance=leaf.distance,
        percent=_percent(leaf, kind),
        alerts=alerts,
    )


def _deciding(told: Explanation) -> Leaf | None:
    """Return the question that is shown for an alert: what is not true yet first, the price before others."""
    return min(
        told.leaves,
        key=lambda leaf: (
            leaf.holds is True,
            _kind(leaf) != "price",
            leaf.distance is None,
            leaf.distance or 0.0,
        ),
        default=None,
    )


def _kind(leaf: Leaf) -> Literal["price", "move", "other"]:
    if leaf.left is None or leaf.right is None:
        return "other"
    if leaf.left.text == START:
        return "move"
    return "price" if leaf.left.text == _PRICE else "other"


def _percent(leaf: Leaf, kind: str) -> float | None:
    """Return the distance in percent of the price; a move that counts in percent tells it already."""
    if leaf.distance is None or kind == "other":
        return None
    if kind == "move" and "%" in leaf.text:
        return abs(leaf.distance)
    price = leaf.left.value if kind == "price" and leaf.left else leaf.right.value if leaf.right else None
    return 100 * abs(leaf.distance) / price if price else None
