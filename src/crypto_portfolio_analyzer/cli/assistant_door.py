"""The door for assistants: the Model Context Protocol over standard input and output, or over HTTP on loopback.

It stands beside the command line and not in the API: it is a client, it speaks HTTP with a running server and
has the rights of the token it was given, never those of the process. Source: modelcontextprotocol.io,
specification 2025-11-25, in the words of the official SDK.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations
from pydantic import AnyHttpUrl

from crypto_portfolio_analyzer import __version__
from crypto_portfolio_analyzer.api.listening import listen
from crypto_portfolio_analyzer.cli.alert_calls import server_of
from crypto_portfolio_analyzer.cli.assistant import Assistant
from crypto_portfolio_analyzer.cli.assistant_words import INSTRUCTIONS, reference
from crypto_portfolio_analyzer.cli.client import Client
from crypto_portfolio_analyzer.cli.failures import Failed
from crypto_portfolio_analyzer.cli.output import Output
from crypto_portfolio_analyzer.settings import Settings

CONDITIONS = "analyzer://conditions"
HOST = "127.0.0.1"
PATH = "/mcp"

_LOOK = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_CHANGE = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_DELETE = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=False, open_world_hint=False
)


def door(assistant: Assistant, *, auth: "ServersOwn | None" = None) -> MCPServer[None]:
    """Return a server with every tool, the reference of conditions and a prompt that leads to an alert."""
    made: MCPServer[None] = MCPServer(
        "crypto-analyzer",
        title="Crypto Analyzer",
        instructions=INSTRUCTIONS,
        version=__version__,
        log_level="WARNING",
        auth=None if auth is None else auth.settings,
        token_verifier=auth,
    )
    _add_tools(made, assistant)
    made.resource(
        CONDITIONS,
        name="conditions",
        title="The language of conditions",
        description="How the condition of an alert is written, and every series there is",
        mime_type="text/markdown",
    )(reference)
    made.prompt(name="watch_for", title="Watch for something", description="Make an alert out of a wish")(
        watch_for
    )
    return made


def _add_tools(made: MCPServer[None], assistant: Assistant) -> None:
    by_kind: tuple[tuple[ToolAnnotations, tuple[Callable[..., Any], ...]], ...] = (
        (
            _LOOK,
            (
                assistant.search_symbols,
                assistant.price,
                assistant.bars,
                assistant.validate_condition,
                assistant.backtest_condition,
                assistant.list_alerts,
                assistant.explain_alert,
                assistant.list_firings,
                assistant.portfolio,
            ),
        ),
        (_CHANGE, (assistant.create_alert, assistant.pause_alert, assistant.resume_alert)),
        (_DELETE, (assistant.delete_alert,)),
    )
    for kind, tools in by_kind:
        for tool in tools:
            made.add_tool(tool, annotations=kind)


def watch_for(wish: str) -> str:
    """Return what an assistant is asked to do with a wish like `BTC falls 5 % within an hour`."""
    return (
        f"I want to be told when this happens: {wish}\n\nRead {CONDITIONS}, find the symbol, write the condition, "
        "check it with validate_condition, tell me how often it would have fired in the last week, and ask me "
        "before you create the alert."
    )


class _Uvicorn(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals belong to the command line


class ServersOwn:
    """Lets in whom the server lets in: the bearer token is the server's own, and goes with every question."""

    def __init__(self, settings: Settings, port: int) -> None:
        self._settings = settings
        here = AnyHttpUrl(f"http://{HOST}:{port}")
        self.settings = AuthSettings(issuer_url=here, resource_server_url=None)

    def enter(self) -> Client:
        """Return the server as whoever asks now."""
        return self._at(getattr(get_access_token(), "token", None))

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return what the server knows of a token; None if nothing."""
        try:
            told = await self._at(token).get("/api/auth/me")
        except Failed:
            return None
        return AccessToken(token=token, client_id=str(told["name"]), scopes=[]) if told["name"] else None

    def _at(self, token: str | None) -> Client:
        return Client(self._settings.mcp.url or server_of(self._settings).url, token)


def own_client(settings: Settings) -> Client:
    """Return the server of the settings, with their token; else the one that runs on our data, as its owner."""
    token = settings.mcp.token.get_secret_value() if settings.mcp.token else None
    if settings.mcp.url is None and token is None:
        return server_of(settings)
    return Client(settings.mcp.url or server_of(settings).url, token)


async def talk(settings: Settings) -> None:
    """Serve one assistant over standard input and output until it hangs up."""
    await door(Assistant(lambda: own_client(settings))).run_stdio_async()


async def serve(settings: Settings, port: int, output: Output) -> None:
    """Serve assistants over streamable HTTP on loopback until interrupted; each brings a token of its own."""
    [socket] = listen(HOST, port)
    port = socket.getsockname()[1]
    auth = ServersOwn(settings, port)
    app = door(Assistant(auth.enter), auth=auth).streamable_http_app(
        streamable_http_path=PATH, json_response=True, stateless_http=True
    )
    url = f"http://{HOST}:{port}{PATH}"
    if output.as_json:
        output.line({"url": url, "pid": os.getpid()})
    else:
        output.say(f"Assistants: {url}, with an API token as bearer; Ctrl C ends it.")
    output.flush()
    config = uvicorn.Config(app, log_config=None, log_level="warning", access_log=False, server_header=False)
    server = _Uvicorn(config)
    try:
        await server.serve([socket])
    except asyncio.CancelledError:
        await server.shutdown([socket])
        raise
