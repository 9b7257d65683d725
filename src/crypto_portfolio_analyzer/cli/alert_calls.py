"""Alerts of a server: found by what people type, changed, listed."""

from collections.abc import Sequence
from typing import Any

from crypto_portfolio_analyzer.cli.client import Client
from crypto_portfolio_analyzer.cli.client import running as running_server
from crypto_portfolio_analyzer.cli.failures import UNREACHABLE, Failed
from crypto_portfolio_analyzer.cli.finding import one_of
from crypto_portfolio_analyzer.settings import Settings

PAGE = 200
_LIST = "crypto-analyzer alerts list"


def server_of(settings: Settings) -> Client:
    """Return the server that runs on our data; raises Failed (4) if none does."""
    client = running_server(settings.data_dir)
    if client is None:
        why = "this asks the server that watches the market"
        raise Failed("no server is running", "crypto-analyzer start", exit_code=UNREACHABLE, why=why)
    return client


async def all_alerts(client: Client) -> list[dict[str, Any]]:
    """Return every alert of the owner, in the order they were made."""
    return await pages(client, "/api/alerts", "alerts", {})


async def pages(
    client: Client, path: str, key: str, query: dict[str, str | int], most: int | None = None
) -> list[dict[str, Any]]:
    """Return a list page by page, at most `most` entries of it."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while most is None or len(found) < most:
        size = PAGE if most is None else min(PAGE, most - len(found))
        more: dict[str, str | int] = {"cursor": cursor} if cursor is not None else {}
        page = await client.get(path, query | {"limit": size} | more)
        found += page[key]
        cursor = page.get("next_cursor")
        if cursor is None or not page[key]:
            break
    return found


async def found(client: Client, text: str) -> dict[str, Any]:
    """Return the alert that an id, the beginning of one or a name means.

    Raises:
        Failed: there is none (3), or several begin like that (2).

    """
    return one_of(await all_alerts(client), text, "alert", _LIST)


def short_ids(alerts: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return the shortest beginnings of ids, of at least four letters, that tell alerts apart."""
    ids = [str(each["id"]) for each in alerts]
    for length in range(4, max(map(len, ids), default=4)):
        if len({each[:length] for each in ids}) == len(ids):
            return {each: each[:length] for each in ids}
    return {each: each for each in ids}


def free_name(wanted: str, alerts: Sequence[dict[str, Any]]) -> str:
    """Return a name that no alert bears: the wanted one, else with a number behind it."""
    taken = {each["name"] for each in alerts}
    numbered = (f"{wanted} {number}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(name for name in numbered if name not in taken)
