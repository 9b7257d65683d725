"""Silences: which alerts are not told of, and until when."""

from http import HTTPStatus

from fastapi import APIRouter

from crypto_portfolio_analyzer.api.alert_schemas import SilenceRequest, SilencesView, SilenceView
from crypto_portfolio_analyzer.api.alert_views import silence_view
from crypto_portfolio_analyzer.api.auth import Reader, Trader
from crypto_portfolio_analyzer.api.doors import House
from crypto_portfolio_analyzer.api.once import ONCE
from crypto_portfolio_analyzer.api.schemas import given_instant
from crypto_portfolio_analyzer.core.alerts import Silence
from crypto_portfolio_analyzer.core.timeframes import DAY
from crypto_portfolio_analyzer.errors import Fault, InvalidFields, NotFound
from crypto_portfolio_analyzer.storage.accounts import new_id

router = APIRouter(prefix="/api/silences", tags=["alerts"])

LONGEST = 366 * DAY
FIELDS = ("name", "symbol", "tag", "severity", "id")
"""What a silence can match alerts by."""


@router.get("")
async def silences(house: House, who: Reader) -> SilencesView:
    """List one's own silences that have not ended."""
    now = house.clock.now()
    found = await house.alert_store.silences(who.owner, now)
    return SilencesView(silences=[silence_view(each, now) for each in found])


@router.post("", status_code=HTTPStatus.CREATED, dependencies=[ONCE])
async def silence(house: House, who: Trader, body: SilenceRequest) -> SilenceView:
    """Silence alerts: they go on being judged, and what they would have told is stored as suppressed."""
    now = house.clock.now()
    made = _silence(body, who.owner, now)
    most = house.quotas.most("silences", who.owner)
    await house.alerts.silence(made, actor=who.actor, most=most)
    return silence_view(made, now)


@router.get("/{silence_id}")
async def one(house: House, who: Reader, silence_id: str) -> SilenceView:
    """Return one silence that has not ended."""
    now = house.clock.now()
    for each in await house.alert_store.silences(who.owner, now):
        if each.id == silence_id:
            return silence_view(each, now)
    raise NotFound("silence", silence_id)


@router.delete("/{silence_id}", status_code=HTTPStatus.NO_CONTENT)
async def end(house: House, who: Trader, silence_id: str) -> None:
    """End a silence now."""
    await house.alerts.end_silence(who.owner, silence_id, actor=who.actor)


def _silence(body: SilenceRequest, owner: str, now: int) -> Silence:
    """Read a silence; raises InvalidFields."""
    starts_at = given_instant(body.starts_at) or now
    ends_at = given_instant(body.ends_at)
    faults = _matcher_faults(body.matchers)
    if (ends_at is None) == (body.duration_seconds is None):
        faults.append(Fault("ends_at", "is needed, or duration_seconds", "give one of the two"))
    elif ends_at is None:
        ends_at = starts_at + int((body.duration_seconds or 0) * 1e9)
    if ends_at is not None and not max(now, starts_at) < ends_at <= now + LONGEST:
        faults.append(Fault("ends_at", "is not in the year to come", "end after now and after starts_at"))
    if faults or ends_at is None:
        raise InvalidFields(faults)
    return Silence(
        id=new_id(),
        owner=owner,
        matchers=body.matchers,
        starts_at=starts_at,
        ends_at=ends_at,
        comment=body.comment,
        created_at=now,
    )


def _matcher_faults(matchers: dict[str, str]) -> list[Fault]:
    if not matchers:
        return [Fault("matchers", "is empty", f"name at least one of {', '.join(FIELDS)}")]
    faults = []
    for field, value in matchers.items():
        if field not in FIELDS:
            faults.append(
                Fault(f"matchers.{field[:40]}", "is no field of alerts", f"use {', '.join(FIELDS)}")
            )
        elif not 0 < len(value) <= 120:
            faults.append(Fault(f"matchers.{field}", "is empty or longer than 120", "write a value or `*`"))
    return faults
