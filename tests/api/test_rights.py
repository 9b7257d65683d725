"""Rights that end in the database alone, while a socket is open."""

from crypto_portfolio_analyzer.api.identity import Role
from crypto_portfolio_analyzer.api.rights import look_again
from tests.api.credentials import bearer
from tests.api.house import House


async def test_who_may_still_stays_and_who_may_not_goes(house: House) -> None:
    accounts, now = house.app.accounts, house.app.clock.now()
    stays, goes = await house.login("stays"), await house.login("goes")
    made, secret = await accounts.tokens.create("stays", "a", ["read"], now)
    await accounts.tokens.create("stays", "b", ["read"], now)
    async with (
        house.socket(**bearer(stays)) as first,
        house.socket(**bearer(goes)) as second,
        house.socket(**bearer(secret)) as third,
        house.owner_socket() as owner,
        house.socket() as stranger,
    ):
        for socket in (first, second, third, owner, stranger):
            await socket.hear_of("status")
        await look_again(house.server.doors)
        before = len(house.server.doors.hub.clients)
        await accounts.set_role("goes", Role.READER, now)
        await accounts.tokens.revoke("stays", made.id, now)
        await look_again(house.server.doors)
        for socket in (second, third):
            await socket.hear_all()
        for socket in (first, owner, stranger):
            await socket.say(type="ping")
            await socket.hear_of("heartbeat")

    assert before == 5
    assert [second.connection.close_code, third.connection.close_code] == [1008, 1008]
