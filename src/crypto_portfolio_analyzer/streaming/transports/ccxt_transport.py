"""ccxt's own clients behind the transport port, for `ccxt:<exchange>` addresses."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from msgspec import json

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.venues import Channel
from crypto_portfolio_analyzer.exchanges.ccxt_exchange.dialect import WATCH, connect_class, exchange_id
from crypto_portfolio_analyzer.streaming.transport import TRANSPORTS, Closed, OnFrame
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

AGAIN_AFTER = 5.0
"""Seconds until a watch that failed for the network is tried again; ccxt reconnects by itself before that."""


class _Connection:
    """One ccxt client; each wish is a task that watches."""

    def __init__(self, client: Any, on_frame: OnFrame, clock: Clock, nursery: Nursery) -> None:
        self._client, self._on_frame, self._clock, self._nursery = client, on_frame, clock, nursery
        self._watches: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._ended: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()

    def send(self, text: str) -> None:
        asked = json.decode(text)
        asyncio.get_running_loop().call_soon(self._on_frame, json.encode({"ack": asked["id"]}))
        for channel, symbol in asked["wishes"]:
            running = self._watches.pop((channel, symbol), None)
            if running is not None:
                running.cancel()
            if asked["op"] == "subscribe":
                work = self._watch(channel, symbol)
                self._watches[channel, symbol] = self._nursery.spawn(work, name=f"watch {symbol}")

    async def _watch(self, channel: str, symbol: str) -> None:
        watch: Callable[[str], Any] = getattr(self._client, WATCH[Channel(channel)])
        while True:
            try:
                answer = await watch(symbol)
            except Exception as error:  # noqa: BLE001  # ccxt's errors are known only where ccxt is
                kind = type(error).__name__
                if kind in ("BadSymbol", "NotSupported", "AuthenticationError"):
                    self._on_frame(json.encode({"refused": symbol, "text": f"{kind}: {error}"}))
                    return
                logger.info("ccxt watch failed", extra={"symbol": symbol, "why": f"{kind}: {error}"[:200]})
                await self._clock.sleep(AGAIN_AFTER)
                continue
            frame = {"channel": channel, "symbol": symbol, "answer": answer}
            self._on_frame(json.encode(frame, enc_hook=_plain))

    async def ping(self) -> float:
        return 0.0

    def close(self) -> None:
        if not self._ended.done():
            self._ended.set_result(Closed(1000))

    abort = close

    async def wait_closed(self) -> Closed:
        try:
            return await asyncio.shield(self._ended)
        finally:
            await self._nursery.stop()
            await self._client.close()


@TRANSPORTS("ccxt")
class CcxtTransport:
    """A `ccxt:kucoin` address; `load` imports `ccxt.pro`."""

    def __init__(self, load: Callable[[str], Any] = import_module) -> None:
        self._load = load

    async def connect(
        self, url: str, on_frame: OnFrame, *, headers: Mapping[str, str], timeout: float, clock: Clock
    ) -> _Connection:
        """Make a client; see `Transport.connect`. Raises InvalidInput where ccxt is not installed."""
        client = connect_class(exchange_id(url), self._load)({"newUpdates": True})
        nursery = Nursery()
        await nursery.start()
        return _Connection(client, on_frame, clock, nursery)


def _plain(value: object) -> object:
    """Return a container of ccxt's own kind as a list."""
    if isinstance(value, list):
        return list(value)
    message = f"ccxt answered with a {type(value).__name__}"
    raise TypeError(message)
