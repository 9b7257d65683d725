"""Alerts: make, change, pause, delete, and see what became of them."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Response

from crypto_portfolio_analyzer.api.alert_schemas import (
    AlertFields,
    AlertsView,
    AlertView,
    DeletedView,
    ExplanationsView,
    HistoryView,
)
from crypto_portfolio_analyzer.api.alert_views import (
    alert_view,
    explanation_view,
    revision_view,
    suppressed_view,
)
from crypto_portfolio_analyzer.api.auth import Reader, Trader
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.api.firing_views import firing_views
from crypto_portfolio_analyzer.api.identity import Identity
from crypto_portfolio_analyzer.api.once import IdempotencyKey
from crypto_portfolio_analyzer.api.problems import Problem
from crypto_portfolio_analyzer.api.schemas import iso
from crypto_portfolio_analyzer.core.alerts import Alert, Standing
from crypto_portfolio_analyzer.core.timeframes import DAY
from crypto_portfolio_analyzer.engine.drafts import draft_of, fields_of
from crypto_portfolio_analyzer.errors import NotFound
from crypto_portfolio_analyzer.storage.alerts import RESTORE_GRACE

router = APIRouter(prefix="/api/alerts", tags=["alerts"])

COUNTED = 30 * DAY
_SUBJECTS = ("symbol", "symbols", "watchlist")
_COOLDOWNS = ("cooldown", "cooldown_seconds")


def _named(alert_id: str) -> str:
    if "\0" in alert_id or len(alert_id) > 200:
        raise NotFound("alert", alert_id)
    return alert_id


AlertId = Annotated[str, Depends(_named)]
Matching = Annotated[
    str | None, Header(alias="If-Match", description="the revision that is to be changed, as `ETag` told it")
]

Source = Annotated[
    Literal["api", "cli", "yaml", "page", "gpt", "bot"],
    Query(description="which door it comes through; the alert's `source` from now on"),
]


@router.get("")
async def alerts(
    house: House,
    who: Reader,
    symbol: Annotated[str | None, Query(max_length=64, description="any spelling")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 200,
    cursor: Annotated[int, Query(ge=0, le=2**31 - 1, description="next_cursor of the page before")] = 0,
) -> AlertsView:
    """List one's own alerts in the order they were made."""
    found = await house.alert_store.of_owner(
        who.owner,
        symbol=None if symbol is None else house.canonical(symbol),
        after=cursor,
        limit=limit,
    )
    return AlertsView(
        alerts=await _shown(house, who.owner, found),
        next_cursor=str(found[-1].number) if len(found) == limit else None,
    )


@router.post("", status_code=HTTPStatus.CREATED)
async def create(
    house: House,
    who: Trader,
    response: Response,
    *,
    body: AlertFields,
    source: Source = "api",
    idempotency_key: IdempotencyKey = None,
) -> AlertView:
    """Make an alert; once this is answered it is stored, and judged from the next fact on."""
    draft = draft_of(body.root, now=house.clock.now(), source=source)
    made = await house.alerts.create(who.owner, [draft], actor=who.actor, key=idempotency_key)
    response.headers["Location"] = f"/api/alerts/{made[0].id}"
    return await _one(house, response, made[0])


@router.get("/{alert_id}")
async def alert(house: House, who: Reader, response: Response, alert_id: AlertId) -> AlertView:
    """Return one alert, by id or by name."""
    return await _one(house, response, await house.alert_store.get(who.owner, alert_id))


@router.put("/{alert_id}")
async def replace(
    house: House,
    who: Trader,
    response: Response,
    *,
    alert_id: AlertId,
    body: AlertFields,
    source: Source = "api",
    if_match: Matching = None,
) -> AlertView:
    """Replace an alert by a new revision, armed anew."""
    async with house.editing:
        current = await _current(house, who.owner, alert_id, if_match)
        return await _edit(house, response, who, current, body.root, source)


@router.patch("/{alert_id}")
async def change(
    house: House,
    who: Trader,
    response: Response,
    *,
    alert_id: AlertId,
    body: AlertFields,
    source: Source = "api",
    if_match: Matching = None,
) -> AlertView:
    """Change some fields of an alert, null for back to the default: a new revision, armed anew."""
    async with house.editing:
        current = await _current(house, who.owner, alert_id, if_match)
        fields = _merged(fields_of(current), body.root)
        return await _edit(house, response, who, current, fields, source)


@router.delete("/{alert_id}")
async def delete(house: House, who: Trader, alert_id: AlertId) -> DeletedView:
    """Delete an alert: once this is answered it cannot fire; until `restore_until` that can be taken back."""
    found = await house.alert_store.get(who.owner, alert_id)
    gone = await house.alerts.remove(who.owner, found.id, actor=who.actor)
    return DeletedView(id=gone.id, restore_until=iso(house.clock.now() + RESTORE_GRACE))


@router.post("/{alert_id}/restore")
async def restore(house: House, who: Trader, response: Response, alert_id: AlertId) -> AlertView:
    """Take a deletion back; the alert is armed anew."""
    return await _one(house, response, await house.alerts.restore(who.owner, alert_id, actor=who.actor))


@router.post("/{alert_id}/pause")
async def pause(house: House, who: Trader, response: Response, alert_id: AlertId) -> AlertView:
    """Stop judging an alert: once this is answered it cannot fire."""
    found = await house.alert_store.get(who.owner, alert_id)
    return await _one(house, response, await house.alerts.pause(who.owner, found.id, actor=who.actor))


@router.post("/{alert_id}/resume")
async def resume(house: House, who: Trader, response: Response, alert_id: AlertId) -> AlertView:
    """Judge a paused alert again, from a fresh start."""
    found = await house.alert_store.get(who.owner, alert_id)
    return await _one(house, response, await house.alerts.resume(who.owner, found.id, actor=who.actor))


@router.post("/{alert_id}/rearm")
async def rearm(house: House, who: Trader, response: Response, alert_id: AlertId) -> AlertView:
    """Arm an alert anew, also one that is done: the same fields as a new revision."""
    async with house.editing:
        found = await house.alert_store.get(who.owner, alert_id)
        fields = {**fields_of(found), "enabled": True}
        return await _edit(house, response, who, found, fields, found.source)


@router.get("/{alert_id}/history")
async def history(
    house: House, who: Reader, alert_id: AlertId, limit: Annotated[int, Query(ge=1, le=200)] = 100
) -> HistoryView:
    """Return what an alert asked, when it fired, and what was swallowed; each newest first."""
    store = house.alert_store
    found = await store.get(who.owner, alert_id)
    revisions = await store.revisions(who.owner, found.id)
    fired = await store.firings(who.owner, alert_id=found.id, limit=limit)
    swallowed = await store.suppressed(who.owner, found.id, limit=limit)
    return HistoryView(
        alert_id=found.id,
        revisions=[revision_view(each, fields_of(each)) for each in revisions[:limit]],
        firings=await firing_views(house, who.owner, fired),
        suppressed=[suppressed_view(each) for each in swallowed],
    )


@router.get("/{alert_id}/explain")
async def explain(house: House, who: Reader, alert_id: AlertId) -> ExplanationsView:
    """Tell for each symbol why the alert has, or has not, fired: each question with its value and distance."""
    found = await house.alert_store.get(who.owner, alert_id)
    told = await house.alerts.explain(who.owner, found.id)
    return ExplanationsView(alert_id=found.id, explanations=[explanation_view(each) for each in told])


async def _current(house: Doors, owner: str, alert_id: str, wanted: str | None) -> Alert:
    """Return the alert to be changed, if it is still the revision the caller saw; raises Problem (412)."""
    found = await house.alert_store.get(owner, alert_id)
    if wanted is not None and wanted.strip() != "*" and _etag(found) not in wanted:
        raise Problem(
            HTTPStatus.PRECONDITION_FAILED,
            f"the alert is at revision {found.revision} by now",
            remedy="read it again, then change it",
            revision=found.revision,
        )
    return found


async def _edit(
    house: Doors,
    response: Response,
    who: Identity,
    current: Alert,
    fields: Mapping[str, Any],
    source: str,
) -> AlertView:
    draft = draft_of(fields, now=house.clock.now(), source=source)
    edited = await house.alerts.edit(current.owner, current.id, draft, actor=who.actor)
    return await _one(house, response, edited)


def _merged(fields: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Lay changes over fields; one that says the same in another way takes the old one's place."""
    replaced = {
        name for group in (_SUBJECTS, _COOLDOWNS) if any(name in changes for name in group) for name in group
    }
    return {**{name: value for name, value in fields.items() if name not in replaced}, **changes}


def _etag(alert: Alert) -> str:
    return f'"{alert.revision}"'


async def _one(house: Doors, response: Response, alert: Alert) -> AlertView:
    response.headers["ETag"] = _etag(alert)
    return (await _shown(house, alert.owner, [alert]))[0]


async def _shown(house: Doors, owner: str, found: Sequence[Alert]) -> list[AlertView]:
    states = await house.alerts.standings(owner, [each.id for each in found])
    counts = await house.alert_store.counts(owner, house.clock.now() - COUNTED)
    return [
        alert_view(
            each,
            states.get(each.id, ()),
            fired=counts.get(each.id, 0),
            nearest=_nearest(house, each, states.get(each.id, ())),
        )
        for each in found
    ]


def _nearest(house: Doors, alert: Alert, standings: Sequence[Standing]) -> float | None:
    """Return how far the price is from flipping an alert of one symbol, in percent."""
    if len(standings) != 1:
        return None
    try:
        return house.alerts.judge.explain(alert.id, standings[0].symbol).nearest_percent
    except NotFound:  # at rest
        return None
