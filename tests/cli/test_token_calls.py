"""API tokens through a running server."""

import json

import pytest

from crypto_portfolio_analyzer.cli import token_calls
from crypto_portfolio_analyzer.cli.failures import Failed
from tests.api.house import open_house
from tests.cli.shelf import Said


@pytest.mark.parametrize(("text", "days"), [("90d", 90), (" 1D ", 1), ("never", None), ("NEVER", None)])
def test_days_are_read(text, days):
    assert token_calls.days_of(text) == days


@pytest.mark.parametrize("text", ["", "d", "0d", "-1d", "1.5d", "90", "90h", "99999d"])
def test_what_is_no_number_of_days_is_refused(text):
    with pytest.raises(Failed):
        token_calls.days_of(text)


async def test_token_of_somebody_opens_the_running_server_until_it_is_revoked(tmp_path):
    said, document = Said(), Said(as_json=True)
    asked = {"name": "robot", "scopes": ["read"], "expires_in_days": 1}
    async with open_house(tmp_path) as house, await house.member("anna"):
        settings = house.app.settings
        await token_calls.created(settings, "anna", asked, said.output)
        async with house.client(authorization=f"Bearer {said.out.strip()}") as robot:
            before = await robot.get("/api/alerts")
            await token_calls.revoked(settings, "anna", "robot", document.output, yes=True)
            after = await robot.get("/api/alerts")

    assert (before.status_code, after.status_code) == (200, 401)
    assert json.loads(document.out)["revoked"] is True
