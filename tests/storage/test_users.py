"""Tests of storage/users.py."""

import asyncio
import re

import pytest

from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage.users import new_id
from tests.storage.made import NOW, rows


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


@pytest.mark.parametrize(
    "name", ["", "Ada", "ada lovelace", "a" * 33, "ada/x", "ädä", "ada\n", "admin", "engine"]
)
async def test_name_that_is_none_is_refused(accounts, name):
    with pytest.raises(InvalidInput, match=r"use 1 to 32|choose another name"):
        await accounts.add_user(name, "trader", NOW)


@pytest.mark.parametrize("name", ["a", "ada.l-1_2", "0" * 32])
async def test_name_of_letters_digits_and_marks_is_taken(accounts, name):
    assert (await accounts.add_user(name, "reader", NOW)).name == name


async def test_unknown_role_is_refused(accounts, ada):
    for call in (accounts.add_user("bob", "king", NOW), accounts.set_role("ada", "king", NOW)):
        with pytest.raises(InvalidInput, match="'king' is no role; use reader, trader, admin"):
            await call


async def test_unknown_account_is_not_found(accounts):
    calls = (
        accounts.user("bob"),
        accounts.set_role("bob", "trader", NOW),
        accounts.disable_user("bob", NOW),
        accounts.enable_user("bob", NOW),
        accounts.preferences("bob"),
        accounts.set_preferences("bob", {}),
    )
    for call in calls:
        with pytest.raises(NotFound, match="no user 'bob'"):
            await call


async def test_disabled_account_is_out_at_once(accounts, ada, bob):
    await accounts.set_password("bob", "correct horse", NOW)
    code = await accounts.issue_code("bob", NOW)
    session, secret = await accounts.open_session("bob", NOW)
    _, token = await accounts.tokens.create("bob", "robot", ["read"], NOW)

    await accounts.disable_user("bob", NOW)
    await accounts.disable_user("bob", NOW + 1)

    assert (await accounts.user("bob")).disabled_at == NOW
    assert await accounts.redeem_code(code, NOW) is None
    assert await accounts.session(secret, NOW) is None
    assert await accounts.holder(session, NOW) is None
    assert await accounts.check_password("bob", "correct horse") is None
    assert await accounts.tokens.find(token, NOW) is None


async def test_enabled_again_it_has_its_password_and_tokens_but_no_logins(accounts, ada, bob):
    await accounts.set_password("bob", "correct horse", NOW)
    _, secret = await accounts.open_session("bob", NOW)
    _, token = await accounts.tokens.create("bob", "robot", ["read"], NOW)
    await accounts.disable_user("bob", NOW)

    await accounts.enable_user("bob", NOW + 1)
    await accounts.enable_user("bob", NOW + 2)

    assert (await accounts.user("bob")).disabled_at is None
    assert await accounts.session(secret, NOW) is None
    assert await accounts.check_password("bob", "correct horse") is not None
    assert await accounts.tokens.find(token, NOW) is not None


async def test_lesser_role_ends_the_logins_and_a_greater_one_does_not(accounts, ada, bob):
    _, secret = await accounts.open_session("bob", NOW)

    assert (await accounts.set_role("bob", "admin", NOW)).role == "admin"
    assert (await accounts.session(secret, NOW))[1].role == "admin"

    assert (await accounts.set_role("bob", "reader", NOW)).role == "reader"
    assert (await accounts.user("bob")).role == "reader"
    assert await accounts.session(secret, NOW) is None


async def test_last_admin_stays(accounts, ada, bob):
    for call in (accounts.set_role("ada", "trader", NOW), accounts.disable_user("ada", NOW)):
        with pytest.raises(InvalidInput, match="'ada' is the last administrator; make another one first"):
            await call

    await accounts.set_role("bob", "admin", NOW)
    await accounts.disable_user("ada", NOW)

    with pytest.raises(InvalidInput, match="'bob' is the last administrator"):
        await accounts.disable_user("bob", NOW)


async def test_of_admins_who_shut_each_other_out_one_stays(accounts, other_accounts, ada):
    for name in ("eve", "joe"):
        await accounts.add_user(name, "admin", NOW)

    calls = [
        store.disable_user(name, NOW)
        for name, store in zip(("ada", "eve", "joe"), (accounts, other_accounts, accounts), strict=True)
    ]
    refused = [each for each in await asyncio.gather(*calls, return_exceptions=True) if each]

    assert [type(each) for each in refused] == [InvalidInput]
    assert len([user for user in await accounts.users() if user.disabled_at is None]) == 1


async def test_preferences_are_kept_as_they_are(accounts, ada):
    assert await accounts.preferences("ada") == {}

    await accounts.set_preferences("ada", {"theme": "dark", "starred": ["BTC/USDT"], "zone": None})

    assert await accounts.preferences("ada") == {"theme": "dark", "starred": ["BTC/USDT"], "zone": None}


async def test_every_change_is_recorded_once(accounts, ada, bob, database):
    await accounts.set_role("bob", "reader", NOW + 1, "ada")
    await accounts.set_role("bob", "reader", NOW + 1, "ada")
    await accounts.disable_user("bob", NOW + 2, "ada")
    await accounts.enable_user("bob", NOW + 3, "ada")

    assert await rows(database, "select actor, action, subject, details from audit order by seq") == [
        ("admin", "user.added", "ada", '{"role":"admin"}'),
        ("ada", "user.added", "bob", '{"role":"trader"}'),
        ("ada", "user.role_changed", "bob", '{"role":"reader","before":"trader"}'),
        ("ada", "user.disabled", "bob", "{}"),
        ("ada", "user.enabled", "bob", "{}"),
    ]
