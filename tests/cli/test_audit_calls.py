"""The audit log through a running server."""

import json

from crypto_portfolio_analyzer.cli.audit_calls import listed, verified
from tests.api.house import open_house
from tests.cli.shelf import Said

ALL = {"actor": None, "action": None, "subject": None}


async def test_a_running_server_tells_what_was_done(tmp_path):
    said, document = Said(), Said(as_json=True)
    async with open_house(tmp_path) as house, await house.member("anna"):
        settings = house.app.settings
        await listed(settings, ALL, "1h", 10, said.output)
        await listed(settings, ALL | {"subject": "anna"}, None, 10, document.output)

    head, newest, *_ = said.out.splitlines()
    assert head.split() == ["WHEN", "WHO", "WHAT", "TO", "DETAILS"]
    assert newest.split()[1:3] == ["anna", "login.opened"]
    assert [each["action"] for each in json.loads(document.out)["entries"]] == ["user.added"]


async def test_a_running_server_walks_its_chain(tmp_path):
    said = Said()
    async with open_house(tmp_path) as house, await house.member("anna"):
        await verified(house.app.settings, said.output)

    assert said.out.startswith("the audit log is whole: 2 chained entries, head ")
