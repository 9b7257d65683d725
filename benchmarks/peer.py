"""The peers on the same frames; runs in an environment that has cryptofeed and ccxt.

usage: peer.py socket PORT SYMBOLS | peer.py decode cryptofeed|ccxt
Prints one JSON object.
"""

import asyncio
import json
import os
import statistics
import sys
import time

from frames import Walk, symbols

COUNT = 20_000
ROUNDS = 7


def _cryptofeed(names, callbacks):
    from cryptofeed.defines import BINANCE
    from cryptofeed.exchanges import Binance
    from cryptofeed.symbols import Symbols

    normal = {name[:-4] + "-USDT": name for name in names}
    Symbols.set(BINANCE, normal, {"tick_size": {}, "instrument_type": dict.fromkeys(normal, "spot")})
    return Binance(symbols=list(normal)[:50], channels=list(callbacks), callbacks=callbacks)


async def from_socket(port, count):
    """Cryptofeed's transport loop and handler with an empty callback: no order, no coverage, no bars."""
    from cryptofeed.connection import WSAsyncConn, connect
    from cryptofeed.defines import TRADES
    from websockets.exceptions import ConnectionClosed

    seen = 0

    async def nothing(_trade, _at):
        nonlocal seen
        seen += 1

    feed = _cryptofeed(symbols(count), {TRADES: nothing})
    connection = WSAsyncConn("wss://127.0.0.1", "peer")
    connection.conn = await connect(f"ws://127.0.0.1:{port}/", compression=None, ping_interval=None)
    connection.received = connection.sent = 0
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        async for message in connection.read():
            await feed.message_handler(message, connection, connection.last_message)
    except ConnectionClosed:
        pass
    return {"count": seen, "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


async def decode_cryptofeed(messages):
    from cryptofeed.defines import TICKER, TRADES

    seen = 0

    async def nothing(_fact, _at):
        nonlocal seen
        seen += 1

    feed = _cryptofeed(symbols(1000), {TRADES: nothing, TICKER: nothing})
    texts, times = [message.decode() for message in messages], []

    class Connection:
        pass

    for _ in range(ROUNDS + 1):
        begin = time.process_time_ns()
        for text in texts:
            await feed.message_handler(text, Connection, 0.0)
        times.append((time.process_time_ns() - begin) / len(texts))
    assert seen == len(texts) * (ROUNDS + 1)
    return statistics.median(times[1:])


async def decode_ccxt(messages):
    from aiohttp import WSMessage, WSMsgType
    from ccxt import pro
    from ccxt.async_support.base.ws.client import Client

    venue = pro.binance({"newUpdates": True})
    markets = {}
    for name in symbols(1000):
        market = venue.safe_market_structure({
            "id": name, "symbol": name[:-4] + "/USDT", "base": name[:-4], "quote": "USDT", "spot": True,
            "type": "spot", "active": True, "precision": {"price": 1e-8, "amount": 1e-8},
        })  # fmt: skip
        markets[market["symbol"]] = market
    venue.set_markets(list(markets.values()))
    client = Client(
        "wss://127.0.0.1/stream", venue.handle_message, lambda *_: None, lambda *_: None, lambda *_: None, {}
    )
    wrapped, times = [WSMessage(WSMsgType.TEXT, message.decode(), None) for message in messages], []
    for _ in range(4):
        begin = time.process_time_ns()
        for message in wrapped:
            venue.handle_message(client, json.loads(message.data))
        times.append((time.process_time_ns() - begin) / len(wrapped))
    await venue.close()
    return statistics.median(times[1:])


def main() -> None:
    """Run what the arguments name."""
    os.sched_setaffinity(0, {1})
    if sys.argv[1] == "socket":
        import uvloop

        print(json.dumps(uvloop.run(from_socket(int(sys.argv[2]), int(sys.argv[3])))))
        return
    walk = Walk(symbols(1000))
    decode = {"cryptofeed": decode_cryptofeed, "ccxt": decode_ccxt}[sys.argv[2]]
    result = {}
    for kind, frames in (("trade", walk.aggregate_trades(COUNT)), ("quote", walk.book_tickers(COUNT))):
        result[kind] = asyncio.run(decode(list(frames)))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
