"""The application in a process of its own, so that it can be killed: `living.py DATABASE FOLDER WS_URL REST_URL`."""

import asyncio
import sys
from pathlib import Path

from crypto_portfolio_analyzer.app import build
from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.settings import ExchangeSettings, Settings
from tests.engine.simulated import NOWHERE


async def live(database_url: str, folder: str, ws_url: str, rest_url: str) -> None:
    """Run until somebody ends it."""
    binance = ExchangeSettings(ws_url=ws_url, rest_url=rest_url)
    settings = Settings(
        symbols=(),
        data_dir=Path(folder),
        database_url=database_url,
        simulated=True,
        exchanges={"binance": binance, "coinbase": NOWHERE, "kraken": NOWHERE},
    )
    async with build(settings, clock=SystemClock(), simulated=True):
        sys.stdout.write("up\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(live(*sys.argv[1:]))
