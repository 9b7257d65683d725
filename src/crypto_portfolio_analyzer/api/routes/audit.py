"""The audit log: who did what to what, and whether it is whole."""

from typing import Annotated

from fastapi import APIRouter, Query

from crypto_portfolio_analyzer.api.alert_schemas import Storable
from crypto_portfolio_analyzer.api.auth import ADMIN, Reader
from crypto_portfolio_analyzer.api.doors import House
from crypto_portfolio_analyzer.api.identity import Role
from crypto_portfolio_analyzer.api.people_schemas import AuditEntryView, AuditVerdictView, AuditView
from crypto_portfolio_analyzer.api.routes.firings import Since
from crypto_portfolio_analyzer.api.schemas import given_instant, iso
from crypto_portfolio_analyzer.storage.audit_log import AuditEntry

router = APIRouter(prefix="/api/audit", tags=["audit"])

Wanted = Annotated[str | None, Storable, Query(max_length=120)]


@router.get("")
async def entries(
    house: House,
    who: Reader,
    *,
    actor: Wanted = None,
    action: Annotated[
        str | None, Storable, Query(max_length=120, description="`alert.created`, or `alert` for all of them")
    ] = None,
    subject: Wanted = None,
    since: Since = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    cursor: Annotated[int | None, Query(ge=0, le=2**62, description="next_cursor of the page before")] = None,
) -> AuditView:
    """List what was done, newest first: administrators see everything, others what they did themselves."""
    found = await house.audit.entries(
        own=None if who.role is Role.ADMIN else who.owner,
        actor=actor,
        action=action,
        subject=subject,
        since=given_instant(since),
        before=cursor,
        limit=limit,
    )
    return AuditView(
        entries=[_view(each) for each in found],
        next_cursor=str(found[-1].seq) if len(found) == limit else None,
    )


@router.get("/verify", dependencies=[ADMIN])
async def verify(house: House) -> AuditVerdictView:
    """Walk along the whole chain of entries, and tell whether anything was changed, removed or put in."""
    verdict = await house.audit.verify()
    return AuditVerdictView(
        ok=verdict.ok,
        entries=verdict.entries,
        head=verdict.head,
        earlier=verdict.earlier,
        broken_at=verdict.broken_at,
        problem=verdict.problem,
    )


def _view(entry: AuditEntry) -> AuditEntryView:
    return AuditEntryView(
        seq=entry.seq,
        at=iso(entry.at),
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        details=entry.details,
        hash=entry.hash,
    )
