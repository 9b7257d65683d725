"""A program that commits firings without pause and says which are stored, to be killed at any moment.

Run as `python -m tests.storage.storm URL`. Each step is one batch: a firing of every alert, and every symbol judged
up to that step. It goes on from the stored cursors, with the last step once more: its answer may have been lost.
"""

import asyncio
import sys

from crypto_portfolio_analyzer.core.alerts import Batch, Cursor
from crypto_portfolio_analyzer.storage.alerts import AlertStore
from crypto_portfolio_analyzer.storage.database import Database
from tests.storage.made import NOW, alert, decision

OWNERS = ("ada", "bob", "eve")
ALERTS = [
    alert(f"a{n}", owner=OWNERS[n % 3], symbols=(f"C{n % 4}/USDT",), channels=("phone", "desk"), revision=1)
    for n in range(24)
]
SYMBOLS = sorted({each.symbols[0] for each in ALERTS})


def batch(step):
    """Return what is decided in a step."""
    cursors = [Cursor(symbol, "binance", step, step) for symbol in SYMBOLS]
    return Batch(decisions=[decision(each, step) for each in ALERTS], cursors=cursors)


async def reached(store):
    """Return the step that the stored cursors stand at, alike for all symbols."""
    (step,) = {each.event_at for each in await store.cursors()} or {1}
    return step


async def run(url, last=sys.maxsize):
    """Commit step by step up to and with `last`, printing the id of each firing that is stored."""
    database = Database(url)
    store = AlertStore(database)
    for step in range(await reached(store), last + 1):
        for firing in await store.commit(batch(step), NOW):
            print(firing.id, flush=True)  # noqa: T201  # it is what this program is for
    await database.stop()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1]))
