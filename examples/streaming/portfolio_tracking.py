"""Follow what some holdings are worth.

python examples/streaming/portfolio_tracking.py --holdings BTC=2.0,ETH=10 --provider mock
"""

import argparse
import asyncio
from contextlib import suppress
from decimal import Decimal

from crypto_portfolio_analyzer.core.portfolio import PortfolioValue
from crypto_portfolio_analyzer.streaming import PortfolioMonitor


def show(value: PortfolioValue) -> None:
    """Print the total; it is partial until every holding has its first price."""
    partial = "" if value.is_complete else "  (some prices are still missing)"
    print(f"total {value.total_value:,.2f}{partial}")


async def track(holdings: dict[str, Decimal], provider: str, seconds: float | None) -> None:
    """Show the value for so many seconds, or until Ctrl C; then each holding."""
    monitor = PortfolioMonitor()
    for symbol, quantity in holdings.items():
        monitor.add_holding(symbol, quantity)
    monitor.add_value_change_handler(show)
    await monitor.start_monitoring(provider=provider)
    try:
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
    except TimeoutError:
        for each in monitor.get_holdings_summary():
            share = "" if each["weight"] is None else f", {each['weight']:.1%} of the total"
            print(f"{each['symbol']}: {each['quantity']} at {each['price']} = {each['value']}{share}")
    finally:
        await monitor.stop_monitoring()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--holdings", default="BTC=2.0,ETH=10", help="SYMBOL=QUANTITY, comma-separated")
    parser.add_argument("--provider", default="mock")
    parser.add_argument("--seconds", type=float, help="stop after so many; else by Ctrl C")
    options = parser.parse_args()
    pairs = (part.split("=") for part in options.holdings.split(","))
    with suppress(KeyboardInterrupt):
        asyncio.run(
            track({symbol: Decimal(text) for symbol, text in pairs}, options.provider, options.seconds)
        )


if __name__ == "__main__":
    main()
