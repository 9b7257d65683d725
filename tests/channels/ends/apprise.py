"""The other end of what Apprise sends."""

from contextlib import asynccontextmanager

from crypto_portfolio_analyzer.channels.apprise import AppriseChannel
from crypto_portfolio_analyzer.simulation.gateways import NtfyReceiver
from tests.channels.ends.end import End
from tests.channels.sending import world

TOPIC = "canary-topic-77e0"


@asynccontextmanager
async def end():
    async with NtfyReceiver() as receiver:
        kind = AppriseChannel(world())
        yield End(
            kind=kind,
            options={"url": receiver.topic_url(TOPIC)},
            taken=receiver.topics.total,
            faults=lambda: list(receiver.violations),
            hang_up=receiver.stop,
            secrets=(TOPIC,),
            garbage=({"url": "syslog://"}, {"url": "mailto://a:b@example.com"}),
        )
        await kind.stop()
