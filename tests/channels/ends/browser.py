"""The browser has no other end: what is sent is in its feed already."""

from contextlib import asynccontextmanager

from crypto_portfolio_analyzer.channels.browser import BrowserChannel
from tests.channels.ends.end import End
from tests.channels.sending import message, world


@asynccontextmanager
async def end():
    kind, written = BrowserChannel(world()), []

    def write(*values, **changes):
        made = message(*values, **changes)
        written.append(made)
        return made

    yield End(
        kind=kind,
        options={},
        taken=lambda: len(written),
        faults=list,
        hang_up=None,
        garbage=({"url": "https://example.com"},),
        write=write,
    )
    await kind.stop()
