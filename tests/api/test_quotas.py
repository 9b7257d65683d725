"""Quotas: how many things of a kind one owner may have, and who may have any number."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crypto_portfolio_analyzer.api.quotas import Quotas
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN
from tests.api.house import open_house, settings_in

FEW: dict[str, Any] = {
    f"{kind}_per_owner": 2 for kind in ("alerts", "channels", "holdings", "hooks", "silences", "watchlists")
}
HOUR = {"matchers": {"symbol": "BTC/USDT"}, "duration_seconds": 3600}
ALERT = {"symbol": "BTC/USDT", "condition": "price > 1"}
WEBHOOK = {"type": "webhook", "url": "https://example.org/hook"}


async def make(client: httpx2.AsyncClient, kind: str, number: int) -> httpx2.Response:
    """Make the so-manieth thing of a kind."""
    name = f"n{number}"
    posts: dict[str, Any] = {
        "alerts": {**ALERT, "name": name},
        "channels": {**WEBHOOK, "name": name},
        "hooks": {"name": name},
        "silences": HOUR,
    }
    if kind in posts:
        return await client.post(f"/api/{kind}", json=posts[kind])
    if kind == "watchlists":
        return await client.put(f"/api/watchlists/{name}", json={"symbols": ["BTC"]})
    return await client.put(
        f"/api/portfolio/holdings/{'BTC ETH SOL ADA'.split()[number]}", json={"quantity": "1"}
    )


@pytest.mark.parametrize("kind", sorted(each.removesuffix("_per_owner") for each in FEW))
async def test_one_more_than_the_quota_is_refused_with_a_remedy(tmp_path: Path, kind: str) -> None:
    async with open_house(tmp_path, **FEW) as house:
        async with await house.member("anna") as anna:
            hers = [await make(anna, kind, number) for number in range(3)]
        async with await house.member("berta") as berta:
            others = await make(berta, kind, 0)
        async with house.owner() as owner:
            free = [await make(owner, kind, number) for number in range(4)]

    assert [each.is_success for each in hers] == [True, True, False]
    assert hers[-1].status_code == 422
    assert hers[-1].json()["remedy"]
    assert "2" in hers[-1].json()["detail"]
    assert others.is_success
    assert all(each.is_success for each in free)


@pytest.mark.parametrize("kind", ["hooks", "silences", "watchlists"])
async def test_many_at_once_are_not_more(tmp_path: Path, kind: str) -> None:
    async with open_house(tmp_path, **FEW) as house, await house.member("anna") as anna:
        answers = await asyncio.gather(*(make(anna, kind, number) for number in range(8)))

    assert sorted(each.is_success for each in answers) == [False] * 6 + [True] * 2


async def test_what_exists_can_be_replaced_and_what_is_gone_makes_room(tmp_path: Path) -> None:
    async with open_house(tmp_path, **FEW) as house, await house.member("anna") as anna:
        for number in (0, 1, 1, 0):
            assert (await make(anna, "watchlists", number)).is_success
        await anna.delete("/api/watchlists/n0")
        again = await make(anna, "watchlists", 2)
        made = [(await make(anna, "silences", number)).json() for number in range(2)]
        await anna.delete(f"/api/silences/{made[0]['id']}")
        more = await make(anna, "silences", 2)

    assert (again.status_code, more.status_code) == (200, 201)


def test_quotas_are_those_of_the_settings(tmp_path: Path) -> None:
    quotas = Quotas.of(settings_in(tmp_path, hooks_per_owner=7))

    assert quotas.most("hooks", "anna") == 7
    assert quotas.most("silences", "anna") == 200
    assert quotas.most("hooks", LOCAL_ADMIN) is None
