"""The application as a server: routes and rooms put together, an address, a graceful end."""

import asyncio
import logging
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.staticfiles import StaticFiles

from crypto_portfolio_analyzer.api import asyncapi, openapi, problems
from crypto_portfolio_analyzer.api import routes as route_files
from crypto_portfolio_analyzer.api.connections import MOST_HEAD_BYTES, PatientProtocol
from crypto_portfolio_analyzer.api.doors import Doors, open_doors
from crypto_portfolio_analyzer.api.guard import Guard
from crypto_portfolio_analyzer.api.listening import listen
from crypto_portfolio_analyzer.api.once import Remembering, Repeated, on_repeated
from crypto_portfolio_analyzer.api.queries import Queries
from crypto_portfolio_analyzer.api.rights import keep_rights
from crypto_portfolio_analyzer.api.serverfile import SERVER_FILE, write_server_file
from crypto_portfolio_analyzer.api.wire import LiveProtocol
from crypto_portfolio_analyzer.app import App
from crypto_portfolio_analyzer.dashboard.files import STATIC
from crypto_portfolio_analyzer.settings import is_loopback
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

MOST_WS_BYTES = 16 * 1024
STOP_SECONDS = 3


def create_app(doors: Doors, *, hosts: Collection[str] = (), origins: Collection[str] = ()) -> FastAPI:
    """Return the ASGI application over `doors`.

    `hosts` are further names the server goes by, `origins` further origins whose pages may use it.
    """
    app = FastAPI(
        title="Crypto Analyzer", version=doors.version, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.doors = doors
    problems.install(app)
    app.add_exception_handler(Repeated, on_repeated)
    found = list(routers())
    declared = [route for router in found for route in router.routes if isinstance(route, APIRoute)]
    for route in declared:
        if openapi.policy_of(route) is None:
            message = f"{route.path} declares no policy"
            raise TypeError(message)
    describe = cache(lambda: openapi.describe(app, declared))
    for router in found:
        app.include_router(router, dependencies=[Depends(Queries(describe))])
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC)))
    _serve_descriptions(app, describe)
    app.add_middleware(Remembering)
    app.add_middleware(Guard, hosts=hosts, origins=origins, rates=doors.rates, unbound=doors.gate.local_token)
    return app


def routers() -> Iterator[APIRouter]:
    """Yield the router of every file in `routes/`."""
    for module in sorted(iter_modules(route_files.__path__), key=lambda each: each.name):
        router: APIRouter = import_module(f"{route_files.__name__}.{module.name}").router
        yield router


def _serve_descriptions(app: FastAPI, describe: Callable[[], dict[str, Any]]) -> None:
    """Serve what describes the surface: of HTTP, and of the WebSocket."""
    http_bytes = cache(lambda: JSONResponse(describe()).body)
    live_bytes = cache(lambda: JSONResponse(asyncapi.describe(app.version)).body)

    async def http(_: Request) -> Response:
        return Response(http_bytes(), media_type=JSONResponse.media_type)

    async def live(_: Request) -> Response:
        return Response(live_bytes(), media_type=JSONResponse.media_type)

    app.add_route("/openapi.json", http, include_in_schema=False)
    app.add_route("/asyncapi.json", live, include_in_schema=False)
    app.openapi = describe  # type: ignore[method-assign]


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals belong to the command line


class Server:
    """A listening server; `start` fails with PortTaken before anything else is touched."""

    def __init__(
        self,
        app: App,
        *,
        host: str,
        port: int,
        tls: tuple[Path, Path] | None = None,
        hosts: Collection[str] = (),
        origins: Collection[str] = (),
    ) -> None:
        self.host, self.port = host, port
        self.doors = open_doors(app, loopback=is_loopback(host))
        self._app, self._tls = app, tls
        self._file = app.settings.data_dir / SERVER_FILE
        public = urlsplit(self.doors.public_url)
        outside = {public.hostname} if public.hostname else set()
        pages = {f"{public.scheme}://{public.netloc}"} if public.hostname else set()
        self._asgi = create_app(
            self.doors,
            hosts={host, *hosts, *outside, *app.settings.hosts},
            origins={*origins, *pages, *app.settings.origins},
        )
        self._nursery = Nursery()
        self._uvicorn: _Uvicorn | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The address people open."""
        name = {"0.0.0.0": "localhost", "::": "localhost"}.get(self.host, self.host)  # noqa: S104  # compared, not bound
        shown = f"[{name}]" if ":" in name else name
        return f"{'https' if self._tls else 'http'}://{shown}:{self.port}"

    async def login_url(self) -> str:
        """Return a one-time link for the administrator of this machine."""
        now = self._app.clock.now()
        admin = await self._app.accounts.local_admin(now)
        return f"{self.url}/login?code={await self._app.accounts.issue_code(admin.name, now)}"

    async def start(self) -> None:
        """Listen and serve; `app` must have been started. Raises PortTaken, ConfigError."""
        sockets = listen(self.host, self.port)
        self.port = sockets[0].getsockname()[1]
        self._uvicorn = _Uvicorn(self._config())
        await self._app.accounts.local_admin(self._app.clock.now())
        await self._nursery.start()
        await self.doors.hub.start()
        self._nursery.spawn(keep_rights(self.doors), name="rights of sockets")
        self._serving = self._nursery.spawn(self._uvicorn.serve(sockets), name="http server")
        await self._uvicorn.ready.wait()
        write_server_file(self._file, self.url, self.doors.gate.local_token, self.doors.version)
        logger.info("server started", extra={"url": self.url})

    async def stop(self) -> None:
        """Say goodbye to clients, finish what is being answered, let go of the address."""
        if self._uvicorn is None or self._serving is None:
            return
        self._file.unlink(missing_ok=True)
        await self.doors.hub.stop()
        self._uvicorn.should_exit = True
        await asyncio.wait([self._serving], timeout=STOP_SECONDS + 2)
        await self.doors.rates.close()
        await self._nursery.stop()
        logger.info("server stopped", extra={"url": self.url})

    async def __aenter__(self) -> "Server":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def wait(self) -> None:
        """Wait until the server ends."""
        if self._serving is not None:
            await asyncio.wait([self._serving])

    def _config(self) -> uvicorn.Config:
        certificate, key = self._tls or (None, None)
        return uvicorn.Config(
            self._asgi,
            http=PatientProtocol,
            h11_max_incomplete_event_size=MOST_HEAD_BYTES,
            ws=LiveProtocol,
            ws_max_size=MOST_WS_BYTES,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,  # a login link or a ticket in a log would be a key left lying around
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=STOP_SECONDS,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
