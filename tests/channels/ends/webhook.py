"""The other end of webhooks."""

from contextlib import asynccontextmanager

from crypto_portfolio_analyzer.channels.webhook import WebhookChannel
from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from tests.channels.ends.end import End
from tests.channels.sending import world

SECRET = "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5"
TOKEN = "canary-header-value-51c2"


@asynccontextmanager
async def end():
    async with WebhookReceiver(SECRET) as receiver:
        kind = WebhookChannel(world())
        yield End(
            kind=kind,
            options={
                "url": f"{receiver.url}/canary-path-9a41",
                "secret": SECRET,
                "headers": {"X-Key": TOKEN},
            },
            taken=receiver.keys.total,
            faults=lambda: list(receiver.violations),
            hang_up=receiver.stop,
            secrets=(SECRET, SECRET.removeprefix("whsec_"), TOKEN, "canary-path-9a41"),
            garbage=(
                {"url": "https://169.254.169.254/"},
                {"secret": "whsec_short"},
                {"headers": {"Host": "x"}},
            ),
        )
        await kind.stop()
