"""Tests of storage/accounts.py: nothing that lets somebody in stands in the database."""

from sqlalchemy import text

from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN, ApiToken, Session, new_id
from crypto_portfolio_analyzer.storage.tables import metadata
from tests.storage.made import NOW


async def test_no_secret_is_in_the_database(accounts, ada, database):
    await accounts.set_password("ada", "correct horse", NOW)
    code = await accounts.issue_code("ada", NOW)
    _, secret = await accounts.open_session("ada", NOW)
    _, token = await accounts.tokens.create("ada", "robot", ["read"], NOW)
    totp, _ = await accounts.second_factor.begin("ada")

    async with database.reading() as connection:
        stored = "".join(
            [
                str((await connection.execute(text(f"select * from {table}"))).all())
                for table in metadata.tables
            ]
        )

    assert ada.id in stored
    assert not any(known in stored for known in (code, secret, "correct horse", token, totp))


async def test_all_that_concerns_an_account_is_in_one(accounts):
    admin = await accounts.local_admin(NOW)
    session, _ = await accounts.open_session(LOCAL_ADMIN, NOW)
    token, _ = await accounts.tokens.create(LOCAL_ADMIN, "robot", ["read"], NOW)

    assert [type(each) for each in (token, *await accounts.sessions_of(LOCAL_ADMIN, NOW))] == [
        ApiToken,
        Session,
    ]
    assert await accounts.holder(session, NOW) == admin
    assert new_id() != admin.id
