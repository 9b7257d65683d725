"""Tests of storage/passwords.py."""

import pytest

from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage.passwords import refuse_weak
from tests.storage.made import NOW, rows

GOOD = "correct horse"


async def test_right_password_lets_in_and_wrong_does_not(accounts, ada):
    assert not await accounts.has_password("ada")
    assert await accounts.check_password("ada", "") is None

    await accounts.set_password("ada", GOOD, NOW)

    assert await accounts.has_password("ada")
    assert (await accounts.user("ada")).has_password
    assert (await accounts.check_password("ada", GOOD)).id == ada.id
    assert await accounts.check_password("ada", "battery staple") is None
    assert await accounts.check_password("bob", GOOD) is None
    assert not await accounts.has_password("bob")


async def test_unknown_account_gets_none(accounts):
    with pytest.raises(NotFound, match="no user 'bob'"):
        await accounts.set_password("bob", GOOD, NOW)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "x" * 12,
        "ada" * 5,
        "ADAada123456",
        "Password1234",
        "qwertyqwerty",
        "bitcoin12345",
        "a" * 257,
    ],
)
async def test_weak_password_is_refused_and_not_shown(accounts, ada, password):
    with pytest.raises(InvalidInput) as told:
        await accounts.set_password("ada", password, NOW)

    assert not password or password not in str(told.value)
    assert not await accounts.has_password("ada")


@pytest.mark.parametrize(
    "password",
    ["correct horse", "tr0ub4dor&3zq", "schöner Tag heut", "🙂🙃😉😎🤖👻💩🎃🙈🙉🙊💀", "z" * 244 + GOOD[:12]],
)
def test_strong_password_is_not(password):
    refuse_weak("ada", password)


async def test_new_password_ends_every_other_login(accounts, ada):
    here, _ = await accounts.open_session("ada", NOW)
    there, _ = await accounts.open_session("ada", NOW)
    code = await accounts.issue_code("ada", NOW)
    _, token = await accounts.tokens.create("ada", "robot", ["read"], NOW)

    await accounts.set_password("ada", GOOD, NOW, but=here)

    assert await accounts.holder(here, NOW)
    assert await accounts.holder(there, NOW) is None
    assert await accounts.redeem_code(code, NOW) is None
    assert await accounts.tokens.find(token, NOW) is not None


async def test_it_is_recorded_without_the_password(accounts, ada, database):
    await accounts.set_password("ada", GOOD, NOW)
    await accounts.set_password("ada", GOOD, NOW, "admin")

    found = await rows(
        database, "select actor, subject, details from audit where action = 'user.password_set'"
    )
    assert sorted(found) == [("ada", "ada", "{}"), ("admin", "ada", "{}")]
