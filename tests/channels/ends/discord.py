"""The other end of Discord channels."""

from contextlib import asynccontextmanager

from crypto_portfolio_analyzer.channels.discord import DiscordChannel
from crypto_portfolio_analyzer.simulation.discord import DiscordReceiver
from tests.channels.ends.end import End
from tests.channels.sending import world


@asynccontextmanager
async def end():
    async with DiscordReceiver(limit=1000) as receiver:
        kind = DiscordChannel(world())
        yield End(
            kind=kind,
            options={"url": receiver.hook_url},
            taken=lambda: len(receiver.messages),
            faults=lambda: list(receiver.violations),
            hang_up=receiver.stop,
            secrets=(receiver.token, receiver.hook_url),
            garbage=({"url": "https://example.com/api/webhooks/1/a"}, {"url": "https://discord.com/"}),
        )
        await kind.stop()
