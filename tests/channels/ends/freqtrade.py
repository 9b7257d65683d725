"""The other end of orders to freqtrade."""

from contextlib import asynccontextmanager

from crypto_portfolio_analyzer.channels.freqtrade import FreqtradeChannel
from crypto_portfolio_analyzer.simulation.freqtrade import FreqtradeServer
from tests.channels.ends.end import End
from tests.channels.sending import world
from tests.channels.trading import order


@asynccontextmanager
async def end():
    async with FreqtradeServer() as receiver:
        kind = FreqtradeChannel(world(price=lambda _symbol: 65012.4))

        async def rest():
            for trade in receiver.trades:
                trade.is_open = False

        yield End(
            kind=kind,
            options={"url": receiver.url, "username": receiver.username, "password": receiver.password},
            taken=lambda: len(receiver.trades),
            faults=lambda: list(receiver.violations),
            hang_up=receiver.stop,
            rest=rest,
            secrets=(receiver.password,),
            garbage=({"url": "https://169.254.169.254/"}, {"password": ""}),
            write=order,
        )
        await kind.stop()
