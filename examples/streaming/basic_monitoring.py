"""Print every new price: a primary venue, and fallbacks that take over if it falls silent.

python examples/streaming/basic_monitoring.py --symbols BTC,ETH --provider mock
"""

import argparse
import asyncio
from contextlib import suppress

from crypto_portfolio_analyzer.streaming import PriceFeedManager, PriceUpdate


def show(update: PriceUpdate) -> None:
    """Print one price; called for each update, in order."""
    change = "" if update.change_percent_24h is None else f"  {update.change_percent_24h:+.2f} %"
    print(
        f"{update.timestamp:%H:%M:%S}  {update.symbol:<10} {update.price:>16,}{change}  from {update.source}"
    )


async def monitor(symbols: list[str], providers: list[str], seconds: float | None) -> None:
    """Show prices for so many seconds, or until Ctrl C."""
    manager = PriceFeedManager()
    for number, provider in enumerate(providers):
        manager.add_provider(provider, symbols, is_primary=number == 0)
    manager.add_handler(show)
    await manager.start()
    try:
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
    except TimeoutError:
        for name, status in manager.get_provider_status().items():
            print(f"{name}: {status['status']}, {status['messages']} messages")
    finally:
        await manager.stop()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--symbols", default="BTC,ETH", help="comma-separated")
    parser.add_argument("--provider", default="mock", help="comma-separated, the primary first")
    parser.add_argument("--seconds", type=float, help="stop after so many; else by Ctrl C")
    options = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(monitor(options.symbols.split(","), options.provider.split(","), options.seconds))


if __name__ == "__main__":
    main()
