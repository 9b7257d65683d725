"""The channels of a demo: the page itself, and a program beside it that takes signed webhooks, both simulated."""

from crypto_portfolio_analyzer.app import App
from crypto_portfolio_analyzer.channels.signing import new_secret
from crypto_portfolio_analyzer.core.notices.notification import Channel
from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN

BROWSER, RECEIVER = "this page (simulated)", "demo receiver (simulated)"
ALLOWED = {"webhooks.allowed_networks": "127.0.0.1/32"}
"""Settings that let the demo's webhook reach the receiver on this machine, and no other network."""


async def add_channels(app: App, receiver: WebhookReceiver) -> list[Channel]:
    """Let the local admin be told by the page and by the receiver; return the channels there are.

    A demo that ran before has them already: its receiver listens somewhere else by now. One that was removed stays so.
    """
    known = {each.name: each for each in await app.delivery.channels(LOCAL_ADMIN)}
    secret = new_secret()
    address = {"url": receiver.hook_url, "secret": secret}
    if RECEIVER in known:
        await app.delivery.edit_channel(
            LOCAL_ADMIN, known[RECEIVER].id, address, actor=LOCAL_ADMIN, trusted=True
        )
    elif not known:
        for fields in (
            {"type": "browser", "name": BROWSER, "default": True},
            {"type": "webhook", "name": RECEIVER, "default": True, **address},
        ):
            await app.delivery.add_channel(LOCAL_ADMIN, fields, actor=LOCAL_ADMIN, trusted=True)
    receiver.secrets = [secret]
    return await app.delivery.channels(LOCAL_ADMIN)
