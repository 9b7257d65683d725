"""Tests of storage/second_factor.py."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage.sealing import Sealing
from crypto_portfolio_analyzer.storage.second_factor import SecondFactorStore
from tests.storage.made import KEY as SEALED_WITH
from tests.storage.made import NOW, rows

STEP = 30 * 10**9


@pytest.fixture
def factor(accounts):
    return accounts.second_factor


def code(secret, at):
    """Return what an app shows at an instant."""
    return pyotp.TOTP(secret).at(at // 10**9)


async def confirmed(factor):
    """Give ada a second factor, confirmed a while before NOW."""
    secret, _ = await factor.begin("ada")
    assert await factor.confirm("ada", code(secret, NOW - 10 * STEP), NOW - 10 * STEP)
    return secret


async def test_it_is_asked_for_once_it_is_confirmed(accounts, factor, ada):
    secret, uri = await factor.begin("ada")

    assert parse_qs(urlsplit(uri).query) == {"secret": [secret], "issuer": ["Crypto Analyzer"]}
    assert urlsplit(uri).path == "/Crypto%20Analyzer:ada"
    assert not (await accounts.user("ada")).totp
    assert not await factor.check("ada", code(secret, NOW), NOW)
    assert not await factor.confirm("ada", "000000" if code(secret, NOW) != "000000" else "000001", NOW)
    assert await factor.confirm("ada", code(secret, NOW), NOW)
    assert (await accounts.user("ada")).totp


async def test_code_is_good_once_and_makes_older_ones_worthless(factor, ada):
    secret = await confirmed(factor)

    assert await factor.check("ada", code(secret, NOW), NOW)
    assert not await factor.check("ada", code(secret, NOW), NOW + 1)
    assert not await factor.check("ada", code(secret, NOW - STEP), NOW)
    assert await factor.check("ada", code(secret, NOW + STEP), NOW)


async def test_code_that_confirmed_does_not_let_in_as_well(factor, ada):
    secret, _ = await factor.begin("ada")
    assert await factor.confirm("ada", code(secret, NOW), NOW)

    assert not await factor.check("ada", code(secret, NOW), NOW)
    assert not await factor.check("ada", code(secret, NOW - STEP), NOW)


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_clock_may_be_off_by_one_step(factor, ada, steps, good):
    secret = await confirmed(factor)

    assert await factor.check("ada", code(secret, NOW + steps * STEP), NOW) is good


async def test_of_many_who_show_a_code_at_once_one_is_believed(factor, other_accounts, ada):
    secret = await confirmed(factor)
    stores = (factor, other_accounts.second_factor)

    shown = [stores[n % 2].check("ada", code(secret, NOW), NOW) for n in range(12)]

    assert sum(await asyncio.gather(*shown)) == 1


@pytest.mark.parametrize("bad", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\ud800", "0" * 10_000])
async def test_what_is_no_code_is_not_believed(factor, ada, bad):
    await confirmed(factor)

    assert not await factor.check("ada", bad, NOW)


async def test_it_is_replaced_only_after_it_is_dropped(accounts, factor, ada):
    secret = await confirmed(factor)
    with pytest.raises(InvalidInput, match="there is a second factor already"):
        await factor.begin("ada")
    with pytest.raises(NotFound):
        await factor.confirm("ada", code(secret, NOW), NOW)

    await factor.drop("ada", NOW)

    assert not (await accounts.user("ada")).totp
    assert not await factor.check("ada", code(secret, NOW), NOW)
    with pytest.raises(NotFound):
        await factor.drop("ada", NOW)
    fresh, _ = await factor.begin("ada")
    assert fresh != secret


async def test_beginning_again_replaces_what_was_not_confirmed(factor, ada):
    first, _ = await factor.begin("ada")
    second, _ = await factor.begin("ada")

    assert not await factor.confirm("ada", code(first, NOW), NOW)
    assert await factor.confirm("ada", code(second, NOW), NOW)


async def test_row_cannot_borrow_the_factor_of_another(factor, ada, bob, database):
    secret = await confirmed(factor)
    async with database.writing() as connection:
        columns = "totp_sealed, totp_confirmed_at"
        lend = f"update users set ({columns}) = (select {columns} from users where name = 'ada') where name = 'bob'"
        await connection.execute(text(lend))

    assert not await factor.check("bob", code(secret, NOW), NOW)


async def test_secrets_are_sealed_anew_for_a_newer_key(factor, ada, database):
    secret = await confirmed(factor)
    old, new = SEALED_WITH, Fernet.generate_key().decode()

    assert await SecondFactorStore(database, Sealing([new, old])).reseal() == 1

    assert await SecondFactorStore(database, Sealing([new])).check("ada", code(secret, NOW), NOW)


async def test_unknown_account_has_none(factor):
    calls = (factor.begin("bob"), factor.confirm("bob", "1", NOW), factor.check("bob", "1", NOW))
    for call in (*calls, factor.drop("bob", NOW)):
        with pytest.raises(NotFound, match="'bob'"):
            await call


async def test_it_is_recorded(factor, ada, database):
    await confirmed(factor)
    await factor.drop("ada", NOW, "admin")

    query = "select actor, action, subject, details from audit where action like '%factor%' order by seq"
    assert await rows(database, query) == [
        ("ada", "user.second_factor_added", "ada", "{}"),
        ("admin", "user.second_factor_removed", "ada", "{}"),
    ]
