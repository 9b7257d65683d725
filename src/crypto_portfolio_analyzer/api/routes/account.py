"""One's own account: where one is logged in, the second factor, how the page looks."""

from http import HTTPStatus
from io import BytesIO
from zoneinfo import available_timezones

import segno
from fastapi import APIRouter
from pydantic import ValidationError

from crypto_portfolio_analyzer.api.auth import Person, Reader
from crypto_portfolio_analyzer.api.doors import House
from crypto_portfolio_analyzer.api.once import once
from crypto_portfolio_analyzer.api.people_schemas import (
    CodeRequest,
    FactorView,
    Preferences,
    SessionsView,
    SessionView,
)
from crypto_portfolio_analyzer.api.proofs import prove_code
from crypto_portfolio_analyzer.api.schemas import iso
from crypto_portfolio_analyzer.api.sessions import forget_session
from crypto_portfolio_analyzer.errors import Fault, InvalidFields

router = APIRouter(prefix="/api/auth", tags=["auth"])


@router.get("/sessions")
async def sessions(house: House, who: Person) -> SessionsView:
    """List where one is logged in."""
    found = await house.gate.accounts.sessions_of(who.owner, house.clock.now())
    return SessionsView(
        sessions=[
            SessionView(
                id=each.id,
                created_at=iso(each.created_at),
                expires_at=iso(each.expires_at),
                agent=each.agent,
                current=each.id == who.session,
            )
            for each in found
        ]
    )


@router.delete("/sessions/{session_id}", status_code=HTTPStatus.NO_CONTENT)
async def end_session(house: House, who: Person, session_id: str) -> None:
    """End one of one's own logins: its tokens, tickets and sockets at once."""
    await house.gate.accounts.end_session(who.owner, session_id, house.clock.now(), who.actor)
    forget_session(house, session_id)


@router.post("/totp", dependencies=[once(Person, "secret")])
async def begin_factor(house: House, who: Person) -> FactorView:
    """Make a second factor; logins ask for it once it is confirmed."""
    secret, uri = await house.gate.accounts.second_factor.begin(who.owner)
    return FactorView(secret=secret, uri=uri, qr=_drawn(uri))


@router.post("/totp/confirm", status_code=HTTPStatus.NO_CONTENT)
async def confirm_factor(house: House, who: Person, body: CodeRequest) -> None:
    """Ask for the second factor from now on, if the code is right."""
    await prove_code(house, who.owner, house.gate.accounts.second_factor.confirm, body.code)


@router.delete("/totp", status_code=HTTPStatus.NO_CONTENT)
async def drop_factor(house: House, who: Person, body: CodeRequest) -> None:
    """Ask for no second factor any more; a code of it is needed a last time."""
    factor = house.gate.accounts.second_factor
    await prove_code(house, who.owner, factor.check, body.code)
    await factor.drop(who.owner, house.clock.now(), who.actor)


@router.get("/preferences")
async def preferences(house: House, who: Reader) -> Preferences:
    """Return how the page looks and speaks to whoever asks."""
    try:
        return Preferences.model_validate(await house.gate.accounts.preferences(who.owner))
    except ValidationError:  # kept by a version that knew others
        return Preferences()


@router.put("/preferences")
async def put_preferences(house: House, who: Person, body: Preferences) -> Preferences:
    """Replace how the page looks and speaks; what is left out gets its default."""
    if body.zone is not None and body.zone not in available_timezones():
        raise InvalidFields(
            [Fault("zone", f"is no time zone: {body.zone[:40]!r}", "write one like Europe/Berlin")]
        )
    kept = body.model_copy(
        update={"starred": list(dict.fromkeys(house.canonical(each) for each in body.starred))}
    )
    await house.gate.accounts.set_preferences(who.owner, kept.model_dump())
    return kept


def _drawn(text: str) -> str:
    """Return a QR code as SVG, of the page's own colours."""
    drawn = BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", xmldecl=False, svgns=True, scale=4, border=4)
    return drawn.getvalue().decode()
