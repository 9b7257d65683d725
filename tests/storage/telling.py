"""A program that tells deliveries without pause and says which it settled, to be killed at any moment.

Run as `python -m tests.storage.telling URL`. It claims under a name of its own, writes down each delivery that it
"sends" before it settles it, and ends when nothing waits.
"""

import asyncio
import os
import sys

from crypto_portfolio_analyzer.core.notices.notification import Settlement
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.delivery import DeliveryStore
from tests.storage.made import NOW, SEALING
from tests.storage.sending import UNTIL, delivered

GROUP = 20


async def run(url):
    """Tell what waits, printing the id of each delivery as it is sent."""
    database = Database(url)
    store = DeliveryStore(database, SEALING)
    while lanes := await store.lanes(NOW):
        wishes = {each.channel.id: GROUP for each in lanes}
        works = await store.claim(wishes, NOW, UNTIL, str(os.getpid()))
        settlements: list[Settlement] = []
        for work in works:
            print(work.delivery.id, flush=True)  # noqa: T201  # it is what this program is for
            settlements.append(delivered(work.delivery))
        await store.settle(settlements, NOW)
    await database.stop()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1]))
