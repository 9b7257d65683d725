"""Tests of storage/accounts.py."""

import asyncio
import re

import pytest
from sqlalchemy import text

from crypto_portfolio_analyzer.core.timeframes import MINUTE
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage.accounts import (
    CODE_LIFETIME,
    SESSION_LIFETIME,
    AccountStore,
    new_id,
)

NOW = 1_751_500_800 * 10**9


@pytest.fixture
def accounts(database):
    return AccountStore(database)


@pytest.fixture
async def ada(accounts):
    return await accounts.add_user("ada", "admin", NOW)


def test_ids_are_random_text():
    ids = {new_id() for _ in range(1000)}

    assert len(ids) == 1000
    assert all(re.fullmatch(r"[a-z2-7]{26}", text) for text in ids)


async def test_local_admin_is_added_once(accounts):
    both = await asyncio.gather(*(accounts.local_admin(NOW) for _ in range(4)))

    assert len({user.id for user in both}) == 1
    assert [(user.name, user.role) for user in await accounts.users()] == [("admin", "admin")]


async def test_name_is_taken_once(accounts, ada):
    with pytest.raises(InvalidInput, match="user 'ada' exists"):
        await accounts.add_user("ada", "trader", NOW)

    assert await accounts.user("ada") == ada


async def test_unknown_account_is_not_found(accounts):
    for call in (accounts.user("bob"), accounts.set_password("bob", "x"), accounts.issue_code("bob", NOW)):
        with pytest.raises(NotFound, match="no user 'bob'"):
            await call
    with pytest.raises(NotFound):
        await accounts.open_session("bob", NOW)


async def test_right_password_lets_in_and_wrong_does_not(accounts, ada):
    assert not await accounts.has_password("ada")
    assert await accounts.check_password("ada", "") is None

    await accounts.set_password("ada", "correct horse")

    assert await accounts.has_password("ada")
    assert await accounts.check_password("ada", "correct horse") == ada
    assert await accounts.check_password("ada", "battery staple") is None
    assert await accounts.check_password("bob", "correct horse") is None
    assert not await accounts.has_password("bob")


async def test_code_lets_in_once(accounts, ada):
    code = await accounts.issue_code("ada", NOW)

    tries = await asyncio.gather(*(accounts.redeem_code(code, NOW + 1) for _ in range(5)))

    assert [user for user in tries if user] == [ada]
    assert await accounts.redeem_code("nonsense", NOW) is None


async def test_code_is_good_for_a_while_only(accounts, ada):
    late, early = [await accounts.issue_code("ada", NOW) for _ in range(2)]
    short = await accounts.issue_code("ada", NOW, lifetime=MINUTE)

    assert await accounts.redeem_code(late, NOW + CODE_LIFETIME) is None
    assert await accounts.redeem_code(short, NOW + MINUTE) is None
    assert await accounts.redeem_code(early, NOW + CODE_LIFETIME - 1) == ada


async def test_session_is_found_by_its_secret_while_it_lasts(accounts, ada):
    session, secret = await accounts.open_session("ada", NOW)

    assert await accounts.session(secret, NOW + 1) == (session, ada)
    assert await accounts.is_alive(session, NOW + 1)
    assert await accounts.session(secret, NOW + SESSION_LIFETIME) is None
    assert not await accounts.is_alive(session, NOW + SESSION_LIFETIME)
    assert await accounts.session(f"{session}.guess", NOW + 1) is None


async def test_closed_session_is_over(accounts, ada):
    session, secret = await accounts.open_session("ada", NOW)

    await accounts.close_session(session)
    await accounts.close_session(session)

    assert not await accounts.is_alive(session, NOW)
    assert await accounts.rotate(secret, NOW) is None


async def test_rotation_replaces_the_secret_and_prolongs(accounts, ada):
    session, secret = await accounts.open_session("ada", NOW)

    same, fresh, user = await accounts.rotate(secret, NOW + MINUTE)

    assert (same, user) == (session, ada)
    assert await accounts.session(secret, NOW + MINUTE) is None
    assert await accounts.session(fresh, NOW + SESSION_LIFETIME + 1) == (session, ada)


async def test_secret_that_was_replaced_ends_the_session(accounts, ada):
    session, secret = await accounts.open_session("ada", NOW)
    _, fresh, _ = await accounts.rotate(secret, NOW)

    assert await accounts.rotate(secret, NOW) is None

    assert not await accounts.is_alive(session, NOW)
    assert await accounts.session(fresh, NOW) is None


async def test_disabled_account_is_out_at_once(accounts, ada):
    await accounts.set_password("ada", "correct horse")
    code = await accounts.issue_code("ada", NOW)
    session, secret = await accounts.open_session("ada", NOW)

    await accounts.disable_user("ada", NOW)

    assert await accounts.redeem_code(code, NOW) is None
    assert await accounts.session(secret, NOW) is None
    assert not await accounts.is_alive(session, NOW)
    assert await accounts.check_password("ada", "correct horse") is None


async def test_no_secret_is_in_the_database(accounts, ada, database):
    await accounts.set_password("ada", "correct horse")
    code = await accounts.issue_code("ada", NOW)
    _, secret = await accounts.open_session("ada", NOW)

    async with database.reading() as connection:
        rows = [
            str((await connection.execute(text(f"select * from {table}"))).all())
            for table in ("users", "login_codes", "sessions")
        ]

    assert not any(known in "".join(rows) for known in (code, secret, "correct horse"))


async def test_what_ran_out_is_swept_away(accounts, ada, database):
    await accounts.issue_code("ada", NOW)
    await accounts.open_session("ada", NOW)
    later = NOW + SESSION_LIFETIME + 1
    await accounts.issue_code("ada", later)
    await accounts.open_session("ada", later)

    async with database.reading() as connection:
        counts = [
            await connection.scalar(text(f"select count(*) from {name}"))
            for name in ("login_codes", "sessions")
        ]

    assert counts == [1, 1]
