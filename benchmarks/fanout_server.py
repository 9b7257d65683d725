"""The servers of `fanout.py`: our application with its market in our hands, or a plain FastAPI broadcast.

usage: fanout_server.py ours|plain SYMBOLS RATE   (prints where it is; answers each line with what it has used)
"""

import asyncio
import json
import logging
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from crypto_portfolio_analyzer.api.server import Server
from crypto_portfolio_analyzer.app import build
from crypto_portfolio_analyzer.core.market import Trade
from crypto_portfolio_analyzer.settings import ExchangeSettings, Settings
from crypto_portfolio_analyzer.storage.schema import upgrade

NOWHERE = ExchangeSettings(ws_url="ws://127.0.0.1:9", rest_url="http://127.0.0.1:9")
SPREAD = 10
"""The symbols are ticked in so many groups, evenly over time."""
_go = asyncio.Event()
"""The market opens when first asked: by then everybody is there."""


class Unpinged(Server):
    """Our server without pings: a crowd that is only counted answers none, and a full machine lets it join slowly."""

    def _config(self) -> uvicorn.Config:
        config = super()._config()
        config.ws_ping_interval = None
        return config


def names(count: int) -> list[str]:
    """Return markets."""
    return [f"Q{index:04d}/USDT" for index in range(count)]


async def paced(symbols: list[str], rate: float, tick: Callable[[list[str]], Any]) -> None:
    """Let `tick(group)` make new prices of every symbol `rate` times a second, group by group.

    Who is late leaves out what is over, as a market would.
    """
    groups = [symbols[start::SPREAD] for start in range(SPREAD)]
    await _go.wait()
    every, due = 1 / rate / SPREAD, time.monotonic()
    while True:
        for group in groups:
            made = tick(group)
            if asyncio.iscoroutine(made):
                await made
            due = max(due + every, time.monotonic())
            await asyncio.sleep(max(0.0, due - time.monotonic()))


def answer(at: dict[str, Any], state: Callable[[], dict[str, Any]]) -> None:
    """Say where the server is, then answer lines until they end."""
    loop = asyncio.get_running_loop()

    def asked() -> None:
        if not sys.stdin.readline():
            loop.stop()
            return
        _go.set()
        print(json.dumps({"cpu": time.process_time(), "at": time.monotonic(), **state()}), flush=True)

    loop.add_reader(sys.stdin.fileno(), asked)
    print(json.dumps(at), flush=True)


async def ours(count: int, rate: float) -> None:
    """Serve the application; its feeds never start."""
    folder = Path(tempfile.mkdtemp(prefix="fanout-"))
    settings = Settings(
        data_dir=folder,
        database_url=f"sqlite+aiosqlite:///{folder}/analyzer.db",
        symbols=tuple(names(count)),
        host="127.0.0.1",
        port=0,
        exchanges=dict.fromkeys(("binance", "coinbase", "kraken"), NOWHERE),
    )
    app = build(settings)
    await upgrade(settings.database_url)
    await app.database.start()
    await app.bus.start()
    app.feeds.add_provider("binance", is_primary=True)
    for symbol in settings.symbols:
        app.feeds.want(symbol)
    numbers = iter(range(1, sys.maxsize))
    entries = {symbol: app.market.entry(symbol) for symbol in names(count)}

    def tick(group: list[str]) -> None:
        for symbol in group:
            now = app.clock.now()
            trade = Trade("binance", symbol, time.monotonic(), 1.0, "buy", next(numbers), now, now)
            entries[symbol].trade(trade)
            app.bus.emit(trade)

    async with Unpinged(app, host="127.0.0.1", port=0) as server:
        hub = server.doors.hub
        most = [0]

        def state() -> dict[str, Any]:
            return {"buffered": most[0], "closed": dict(hub.closed)}

        def look() -> None:
            most[0] = max(most[0], *(each.wire.buffered for each in hub.clients.values()), 0)
            asyncio.get_running_loop().call_later(0.05, look)

        look()
        answer({"port": server.port, "token": server.doors.gate.local_token}, state)
        await paced(names(count), rate, tick)


async def plain(count: int, rate: float) -> None:
    """Serve the textbook: one message as JSON text, sent to one client after the other."""
    app, clients = FastAPI(), dict[WebSocket, None]()

    @app.websocket("/ws")
    async def ws(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive_text()
        clients[websocket] = None
        with suppress(WebSocketDisconnect):
            while True:
                await websocket.receive_text()
        clients.pop(websocket, None)

    config = uvicorn.Config(
        app,
        ws_ping_interval=None,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_level="error",
        lifespan="off",
    )
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.get_running_loop().create_task(server.serve([listening]))
    port = listening.getsockname()[1]
    answer({"port": port, "token": "none"}, lambda: {"buffered": 0, "closed": {}})

    async def tick(group: list[str]) -> None:
        for text in map(said, group):
            for client in list(clients):
                with suppress(RuntimeError, WebSocketDisconnect):
                    await client.send_text(text)

    await paced(names(count), rate, tick)
    await serving


def said(symbol: str) -> str:
    """Return what our own server says of a price, of the same length; encoded once for all clients."""
    now = "2026-11-20T12:00:00.000Z"
    data = {
        "symbol": symbol,
        "price": time.monotonic(),
        "change_24h": None,
        "change_percent_24h": None,
        "volume_24h": None,
        "timestamp": now,
        "market": symbol,
        "event_at": now,
        "received_at": now,
        "source": "binance",
        "kind": "live",
        "stale": False,
        "simulated": False,
    }
    return json.dumps({"type": "price_update", "data": data, "timestamp": now}, separators=(",", ":"))


def main() -> None:
    """Serve until the asking ends."""
    logging.disable()
    kind, count, rate = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    with suppress(RuntimeError):  # the loop is stopped when the asking ends
        uvloop.run({"ours": ours, "plain": plain}[kind](count, rate))


if __name__ == "__main__":
    main()
