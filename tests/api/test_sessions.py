"""From a proven account to a session."""

from crypto_portfolio_analyzer.api.sessions import end, grant
from tests.api.house import House


async def test_a_session_that_ends_takes_its_tickets_with_it(house: House) -> None:
    doors = house.server.doors
    admin = await doors.gate.accounts.local_admin(house.app.clock.now())
    tokens = await grant(doors, admin)
    who = doors.gate.signer.read(tokens.access_token, house.app.clock.now())
    ticket = doors.gate.ticket(who)
    assert who.session is not None
    await end(doors, who.session)
    async with house.client() as client:
        answer = await client.get("/ws", params={"ticket": ticket})

    assert answer.status_code in (401, 404, 426)
    assert not doors.gate._tickets  # nothing is left to redeem
    assert not await doors.gate.accounts.is_alive(who.session, house.app.clock.now())


async def test_the_cookie_is_for_https_only_where_there_is_https(house: House) -> None:
    async with house.client() as client:
        answer = await client.get(await house.server.login_url())

    assert "secure" not in answer.headers["set-cookie"].lower()
    assert "Path=/" in answer.headers["set-cookie"]
    assert "Max-Age=2592000" in answer.headers["set-cookie"]
