"""The other end of orders by webhook: a bot that only says what it would do."""

from contextlib import asynccontextmanager

from crypto_portfolio_analyzer.channels.bot_webhook import BotChannel
from crypto_portfolio_analyzer.simulation.echo import EchoReceiver
from tests.channels.ends.end import End
from tests.channels.sending import world
from tests.channels.trading import SECRET, order


@asynccontextmanager
async def end():
    async with EchoReceiver(secret=SECRET) as receiver:
        kind = BotChannel(world(price=lambda _symbol: 65012.4))
        yield End(
            kind=kind,
            options={"bot": "signed", "url": f"{receiver.url}/canary-path-6d30", "secret": SECRET},
            taken=lambda: len(receiver.received),
            faults=lambda: list(receiver.violations),
            hang_up=receiver.stop,
            secrets=(SECRET, SECRET.removeprefix("whsec_"), "canary-path-6d30"),
            garbage=({"bot": "nobody's"}, {"url": "https://169.254.169.254/"}),
            write=order,
        )
        await kind.stop()
