"""Tests of storage/api_tokens.py."""

import re

import pytest

from crypto_portfolio_analyzer.core.timeframes import MINUTE
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage.api_tokens import MOST_TOKENS
from tests.storage.made import NOW, rows


async def test_token_opens_what_it_was_made_for_until_it_ends(accounts, ada, bob):
    made, secret = await accounts.tokens.create("bob", "robot", ["read", "alerts:write"], NOW, NOW + 10)

    found, user = await accounts.tokens.find(secret, NOW + 9)

    assert (found.id, found.user, found.scopes) == (made.id, "bob", ("read", "alerts:write"))
    assert user == bob
    assert await accounts.tokens.find(secret, NOW + 10) is None


async def test_secret_is_long_and_tells_where_it_is_from(accounts, ada):
    made, secret = await accounts.tokens.create("ada", "robot", ["read"], NOW)

    assert re.fullmatch(rf"ca_{made.id}_[A-Za-z0-9_-]{{43}}", secret)
    assert secret not in repr(made)


@pytest.mark.parametrize(
    "change", [lambda s: s[:-1], lambda s: s + "A", str.lower, lambda s: "", lambda s: s[3:]]
)
async def test_changed_secret_opens_nothing(accounts, ada, change):
    _, secret = await accounts.tokens.create("ada", "robot", ["read"], NOW)

    assert await accounts.tokens.find(change(secret), NOW) is None


async def test_use_is_noted_once_a_minute(accounts, ada):
    _, secret = await accounts.tokens.create("ada", "robot", ["read"], NOW)
    uses = []
    for at in (NOW, NOW + 1, NOW + MINUTE - 1, NOW + MINUTE):
        await accounts.tokens.find(secret, at)
        [token] = await accounts.tokens.of_user("ada")
        uses.append(token.used_at)

    assert uses == [NOW, NOW, NOW, NOW + MINUTE]


async def test_revoked_token_opens_nothing_and_only_its_owner_revokes_it(accounts, ada, bob):
    made, secret = await accounts.tokens.create("ada", "robot", ["read"], NOW)

    with pytest.raises(NotFound):
        await accounts.tokens.revoke("bob", made.id, NOW)
    assert await accounts.tokens.find(secret, NOW) is not None

    assert (await accounts.tokens.revoke("ada", made.id, NOW)).name == "robot"
    assert await accounts.tokens.find(secret, NOW) is None
    assert await accounts.tokens.of_user("ada") == []
    with pytest.raises(NotFound):
        await accounts.tokens.revoke("ada", made.id, NOW)


async def test_tokens_are_listed_by_owner_oldest_first(accounts, ada, bob):
    for at, name in enumerate(("one", "two")):
        await accounts.tokens.create("ada", name, ["read"], NOW + at)
    await accounts.tokens.create("bob", "three", ["write"], NOW)

    assert [each.name for each in await accounts.tokens.of_user("ada")] == ["one", "two"]
    assert [each.name for each in await accounts.tokens.of_user("bob")] == ["three"]


async def test_token_that_would_open_nothing_is_refused(accounts, ada):
    for scopes, until in (([], None), (["read"], NOW)):
        with pytest.raises(InvalidInput, match="would open nothing"):
            await accounts.tokens.create("ada", "robot", scopes, NOW, until)
    with pytest.raises(NotFound, match="no user 'bob'"):
        await accounts.tokens.create("bob", "robot", ["read"], NOW)


async def test_nobody_has_too_many(accounts, ada):
    for n in range(MOST_TOKENS):
        await accounts.tokens.create("ada", f"robot {n}", ["read"], NOW)

    with pytest.raises(InvalidInput, match="has 50 tokens; revoke one first"):
        await accounts.tokens.create("ada", "one more", ["read"], NOW)


async def test_making_and_revoking_is_recorded_without_the_secret(accounts, ada, database):
    made, _ = await accounts.tokens.create("ada", "robot", ["read"], NOW)
    await accounts.tokens.revoke("ada", made.id, NOW, "admin")

    details = '{"user":"ada","name":"robot","scopes":["read"]}'
    query = f"select actor, action, details from audit where subject = '{made.id}' order by seq"
    assert await rows(database, query) == [
        ("ada", "token.created", details),
        ("admin", "token.revoked", details),
    ]
