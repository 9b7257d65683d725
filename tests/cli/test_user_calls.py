"""Accounts through a running server: changes are felt there at once."""

import json

import pytest

from crypto_portfolio_analyzer.cli import user_calls
from crypto_portfolio_analyzer.cli.failures import NOT_FOUND, Failed
from tests.api.house import open_house
from tests.cli.shelf import Said


async def asked(work, *arguments, **options):
    """Run a command's work; return the document it prints."""
    said = Said(as_json=True)
    await work(*arguments, output=said.output, **options)
    return json.loads(said.out)


async def test_who_is_added_comes_in_by_the_link_of_the_server_that_runs(tmp_path):
    async with open_house(tmp_path) as house:
        settings = house.app.settings
        made = await asked(user_calls.added, settings, settings, "anna", "reader")
        again = await asked(user_calls.linked, settings, settings, "anna")
        accounts, now = house.app.accounts, house.app.clock.now()
        came = [
            await accounts.redeem_code(url.rpartition("=")[2], now)
            for url in (made["login_url"], again["login_url"])
        ]

    assert [each.name for each in came if each] == ["anna", "anna"]
    assert made["login_url"].startswith(house.url)


async def test_who_is_shut_out_is_out_at_once(tmp_path):
    async with open_house(tmp_path) as house, await house.member("anna") as anna:
        settings, change = house.app.settings, {"disabled": True}
        before = await anna.get("/api/alerts")
        told = await asked(user_calls.changed, settings, "anna", change, what="", yes=True)
        after = await anna.get("/api/alerts")

    assert (before.status_code, after.status_code) == (200, 401)
    assert told["disabled_at"] is not None


async def test_password_given_lets_in(tmp_path):
    async with open_house(tmp_path) as house, await house.member("anna"):
        await asked(user_calls.password_set, house.app.settings, "anna", "correct horse")
        account = await house.app.accounts.check_password("anna", "correct horse")

    assert account is not None


async def test_names_are_no_paths(tmp_path):
    async with open_house(tmp_path) as house:
        for name in ("nobody", "../users/admin", "a b"):
            with pytest.raises(Failed) as told:
                await asked(
                    user_calls.changed, house.app.settings, name, {"role": "reader"}, what="", yes=True
                )
            assert told.value.problem.exit_code in (NOT_FOUND, 2)

    assert user_calls.user_path("../x", "tokens", "a/b") == "/api/users/..%2Fx/tokens/a%2Fb"
