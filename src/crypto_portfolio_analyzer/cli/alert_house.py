"""The house without a running server: the same doors over the same database, for as long as a command takes.

No feed is started and nothing is judged, fetched or sent; what is changed is taken up by the next server that starts.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from crypto_portfolio_analyzer.api.server import Server
from crypto_portfolio_analyzer.api.serverfile import find_server
from crypto_portfolio_analyzer.app import add_providers, build, sealing_of
from crypto_portfolio_analyzer.cli.output import Output
from crypto_portfolio_analyzer.settings import Settings
from crypto_portfolio_analyzer.storage.audit_anchor import Anchor
from crypto_portfolio_analyzer.storage.audit_log import AuditLog
from crypto_portfolio_analyzer.storage.schema import upgrade
from crypto_portfolio_analyzer.storage.sealing import FILE

HOST = "127.0.0.1"


async def at_server(settings: Settings, output: Output, work: Callable[[Settings], Awaitable[None]]) -> None:
    """Do `work` with settings whose data folder tells where a server is, the one that runs or one made for it."""
    if find_server(settings.data_dir) is not None:
        await work(settings)
        return
    async with opened_house(settings) as inside:
        await work(inside)
    output.note("no server runs: nothing is judged or sent until one starts. Next: crypto-analyzer start")


@asynccontextmanager
async def opened_house(settings: Settings) -> AsyncIterator[Settings]:
    """Serve the configured database on a free loopback port; yield settings by which clients find it.

    The place is told in a folder of its own, so that no other command takes it for the server.

    Raises:
        StorageError: the database cannot be opened.

    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="crypto-analyzer-")))
        inside = settings.model_copy(update={"data_dir": folder, "secrets_key": _keys(settings)})
        app = build(inside)
        await upgrade(inside.database_url)
        add_providers(app.feeds, inside)
        # the chain of the audit log goes on, so its anchor does, where the data really are
        app.audit = AuditLog(app.database, Anchor(settings.data_dir), app.clock)
        for part in (app.database, app.audit, app.bus, app.portfolios):
            await part.start()
            stack.push_async_callback(part.stop)
        await stack.enter_async_context(Server(app, host=HOST, port=0))
        yield inside


def _keys(settings: Settings) -> SecretStr:
    """Return what secrets are sealed with, where the data really are; made if there is none yet."""
    if settings.secrets_key is not None:
        return settings.secrets_key
    sealing_of(settings)
    return SecretStr((settings.data_dir / FILE).read_text())
