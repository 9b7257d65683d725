"""The server in this process: what `start`, `stream start` and `demo` have in common."""

import asyncio
import os
import sys
import webbrowser
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from crypto_portfolio_analyzer.api.listening import free_port, listen
from crypto_portfolio_analyzer.api.server import Server
from crypto_portfolio_analyzer.app import DELIVERY, ROLES, App, build
from crypto_portfolio_analyzer.app.alive import tell_systemd
from crypto_portfolio_analyzer.bot.running import bot_of
from crypto_portfolio_analyzer.cli.output import Output
from crypto_portfolio_analyzer.cli.simulated import LABEL
from crypto_portfolio_analyzer.settings import Settings


@asynccontextmanager
async def served(app: App, *, any_port: bool = False) -> AsyncIterator[Server]:
    """Run the application and its server; with `any_port` the next free port will do if the wanted one is taken.

    Raises:
        PortTaken: somebody listens there; names who if the machine tells.

    """
    host, port = app.settings.host, app.settings.port
    if port and not any_port:
        for each in listen(host, port):  # before anything is started in vain
            each.close()
    server = Server(app, host=host, port=free_port(host, port) if any_port else port, tls=_tls(app.settings))
    bot = bot_of(app, app.picturing)
    server.doors.bot_name = lambda: bot.name
    async with app, server:
        await bot.start()
        tell_systemd("READY=1")
        try:
            yield server
        finally:
            tell_systemd("STOPPING=1")
            await bot.stop()


def _tls(settings: Settings) -> tuple[Path, Path] | None:
    pair = settings.tls_cert, settings.tls_key
    return (pair[0], pair[1]) if pair[0] and pair[1] else None


async def serve(settings: Settings, output: Output, *, browser: bool, roles: Collection[str] = ROLES) -> None:
    """Serve until interrupted, saying where."""
    app = build(settings, roles=roles)
    async with served(app) as server:
        await announce(server, app, output, browser=browser)
        await server.wait()


async def deliver(settings: Settings, output: Output) -> None:
    """Empty the outbox until interrupted: what others decide is told by us."""
    async with build(settings, roles=(DELIVERY,)) as app:
        if output.as_json:
            output.line({"roles": [DELIVERY], "database": str(app.database)})
        else:
            output.say(f"Delivering what {app.database} holds; Ctrl C ends it.")
        output.flush()
        tell_systemd("READY=1")
        await asyncio.get_running_loop().create_future()


async def announce(server: Server, app: App, output: Output, *, browser: bool, **more: str) -> None:
    """Print the address, with a one-time login where one is needed, and open it if wanted; `more` is for JSON."""
    link = await server.login_url() if app.settings.auth else server.url
    if output.as_json:
        output.line(
            {"url": server.url, "login_url": link, "simulated": app.simulated, "port": server.port, **more}
        )
    else:
        label = f"{LABEL} market. " if app.simulated else ""
        output.say(f"{label}Dashboard: {link}")
        if app.settings.auth:
            output.note("The link logs you in once; Ctrl C ends the server.")
    output.flush()
    if browser and can_show():
        await asyncio.to_thread(webbrowser.open, link)


def can_show() -> bool:
    """Tell whether a browser would open in a window; one that took over the terminal would help nobody."""
    return sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
