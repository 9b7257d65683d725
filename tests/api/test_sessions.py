"""From a proven account to a session and back."""

from tests.api.house import House


async def test_a_session_that_ends_takes_its_tickets_with_it(house: House) -> None:
    async with await house.member("anna") as anna:
        ticket = (await anna.post("/api/auth/ws-ticket")).json()["ticket"]
        other = (await anna.post("/api/auth/ws-ticket")).json()["ticket"]
        async with house.socket(f"?ticket={other}") as socket:
            await anna.post("/api/auth/logout")
            await socket.hear_all()
            closed = socket.connection.close_code
        after = await anna.get("/api/auth/preferences")
    async with house.client() as client:
        answer = await client.get("/ws", params={"ticket": ticket})

    assert closed == 1008
    assert after.status_code == 401
    assert answer.status_code in (401, 404, 426)
    assert not len(house.server.doors.gate.tickets)


async def test_the_cookie_is_for_https_only_where_there_is_https(house: House) -> None:
    async with house.client() as client:
        answer = await client.get(await house.server.login_url())

    assert "secure" not in answer.headers["set-cookie"].lower()
    assert "Path=/" in answer.headers["set-cookie"]
    assert "Max-Age=2592000" in answer.headers["set-cookie"]
