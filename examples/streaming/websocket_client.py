"""Follow the prices room of a running server, and come back when the connection breaks.

crypto-analyzer stream start --provider mock --symbols BTC,ETH
python examples/streaming/websocket_client.py --url ws://localhost:8000/ws
"""

import argparse
import asyncio
import json
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


def show(message: dict[str, Any]) -> bool:
    """Print one message; tell whether it was a price."""
    data = message["data"]
    if message["type"] == "price_update":
        print(f"{data['timestamp']}  {data['symbol']}: ${data['price']:,.2f}")
        return True
    if message["type"] == "error":
        print(f"the server says: {data}")
    return False


async def follow(url: str, symbols: list[str], count: int | None) -> None:
    """Print prices; stop after `count` of them if that is given."""
    seen = 0
    async for socket in connect(url):  # reconnects, with growing pauses
        try:
            await socket.send(json.dumps({"type": "join_room", "room": "prices"}))
            if symbols:
                wanted = {"room": "prices", "symbols": symbols}
                await socket.send(json.dumps({"type": "subscribe", "data": wanted}))
            async for text in socket:
                seen += show(json.loads(text))
                if count is not None and seen >= count:
                    return
        except ConnectionClosed as closed:
            print(f"connection lost ({closed}), coming back")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--url", default="ws://localhost:8000/ws")
    parser.add_argument("--symbols", default="", help="comma-separated; all that the server watches if empty")
    parser.add_argument("--count", type=int, help="stop after so many prices; else by Ctrl C")
    options = parser.parse_args()
    symbols = [text for text in options.symbols.split(",") if text]
    with suppress(KeyboardInterrupt):
        asyncio.run(follow(options.url, symbols, options.count))


if __name__ == "__main__":
    main()
