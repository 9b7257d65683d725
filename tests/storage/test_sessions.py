"""Tests of storage/sessions.py."""

import asyncio

import pytest
from sqlalchemy import text

from crypto_portfolio_analyzer.core.timeframes import MINUTE
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage.sessions import CODE_LIFETIME, SESSION_LIFETIME
from tests.storage.made import NOW, rows


async def test_unknown_account_gets_none(accounts):
    calls = (
        accounts.issue_code("bob", NOW),
        accounts.open_session("bob", NOW),
        accounts.end_session("bob", "x", NOW),
        accounts.close_all("bob", NOW),
    )
    for call in calls:
        with pytest.raises(NotFound, match="no user 'bob'"):
            await call


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


async def test_disabled_account_gets_no_code(accounts, ada, bob):
    await accounts.disable_user("bob", NOW)

    with pytest.raises(InvalidInput, match="user 'bob' is disabled; enable it first"):
        await accounts.issue_code("bob", NOW)


async def test_session_is_found_by_its_secret_while_it_lasts(accounts, ada):
    session, secret = await accounts.open_session("ada", NOW)

    assert await accounts.session(secret, NOW + 1) == (session, ada)
    assert await accounts.holder(session, NOW + 1) == ada
    assert await accounts.session(secret, NOW + SESSION_LIFETIME) is None
    assert await accounts.holder(session, NOW + SESSION_LIFETIME) is None
    assert await accounts.session(f"{session}.guess", NOW + 1) is None


async def test_ended_session_is_over(accounts, ada):
    session, secret = await accounts.open_session("ada", NOW)

    await accounts.end_session("ada", session, NOW)
    with pytest.raises(NotFound):
        await accounts.end_session("ada", session, NOW)

    assert await accounts.holder(session, NOW) is None
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

    assert await accounts.holder(session, NOW) is None
    assert await accounts.session(fresh, NOW) is None


async def test_sessions_are_listed_newest_first_without_secrets_and_without_others(accounts, ada, bob):
    old, _ = await accounts.open_session("ada", NOW, agent="Firefox\x1b[31m" + "x" * 300)
    new, _ = await accounts.open_session("ada", NOW + 1, agent="curl")
    await accounts.open_session("bob", NOW)

    newest, oldest = await accounts.sessions_of("ada", NOW + 2)

    assert (newest.id, newest.agent, newest.created_at) == (new, "curl", NOW + 1)
    assert (oldest.id, oldest.expires_at) == (old, NOW + SESSION_LIFETIME)
    assert oldest.agent == ("Firefox[31m" + "x" * 300)[:200]
    assert [each.id for each in await accounts.sessions_of("ada", NOW + SESSION_LIFETIME)] == [new]


async def test_only_ones_own_session_can_be_ended(accounts, ada, bob):
    session, _ = await accounts.open_session("ada", NOW)

    with pytest.raises(NotFound):
        await accounts.end_session("bob", session, NOW)
    assert await accounts.holder(session, NOW)

    await accounts.end_session("ada", session, NOW)
    assert await accounts.holder(session, NOW) is None
    with pytest.raises(NotFound):
        await accounts.end_session("ada", session, NOW)


async def test_all_but_one_can_be_closed(accounts, ada, bob):
    here, *there = [(await accounts.open_session("ada", NOW))[0] for _ in range(3)]
    others, _ = await accounts.open_session("bob", NOW)

    assert await accounts.close_all("ada", NOW, but=here) == sorted(there)
    assert [await accounts.holder(each, NOW) is not None for each in (here, *there, others)] == [
        True,
        False,
        False,
        True,
    ]
    assert await accounts.close_all("ada", NOW) == [here]


async def test_logins_are_recorded_and_refused_ones_by_reason_only(accounts, ada, database):
    session, _ = await accounts.open_session("ada", NOW, way="password")
    await accounts.refuse_login("ada", "wrong password", NOW)
    await accounts.refuse_login("my secret password", "wrong password", NOW)
    await accounts.end_session("ada", session, NOW, "admin")

    assert await rows(database, "select actor, action, subject, details from audit order by seq") == [
        ("admin", "user.added", "ada", '{"role":"admin"}'),
        ("ada", "login.opened", session, '{"way":"password"}'),
        ("nobody", "login.refused", "ada", '{"reason":"wrong password"}'),
        ("nobody", "login.refused", "nobody", '{"reason":"wrong password"}'),
        ("admin", "login.ended", session, '{"user":"ada"}'),
    ]


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
