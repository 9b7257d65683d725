"""An independent count of what captures hold: plain json and Decimal, nothing of ours."""

import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

QUOTES = ("USDT", "BUSD", "BTC", "BRL")


def received(path: Path) -> Iterator[Any]:
    """Yield every received message of a capture, read with plain json."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if ".cf2." in path.name:
                told = json.loads(line)
                if told["t"] == "recv":
                    yield json.loads(told["data"])
            elif line.partition(": ")[0].replace(".", "", 1).isdigit():
                yield json.loads(line.partition(": ")[2])


def binance_name(told: str) -> str:
    quote = next(quote for quote in QUOTES if told.endswith(quote))
    return f"{told.removesuffix(quote)}/{quote}"


def binance_trades(message: Any) -> Iterator[tuple[str, str, str]]:
    data = message.get("data", message)
    if data.get("e") == "aggTrade":
        yield binance_name(data["s"]), data["p"], data["q"]


def coinbase_trades(message: Any) -> Iterator[tuple[str, str, str]]:
    if message["type"] in ("match", "last_match"):
        yield message["product_id"].replace("-", "/"), message["price"], message["size"]


def advanced_trades(message: Any) -> Iterator[tuple[str, str, str]]:
    if message["channel"] == "market_trades":
        for event in message["events"]:
            for told in event["trades"]:
                yield told["product_id"].replace("-", "/"), told["price"], told["size"]


def kraken_trades(message: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(message, list) and message[-2] == "trade":
        for told in message[1]:
            yield message[-1].replace("XBT", "BTC"), told[0], told[1]


TRADES: dict[str, Callable[[Any], Iterator[tuple[str, str, str]]]] = {
    "binance": binance_trades,
    "binance_us": binance_trades,
    "coinbase": coinbase_trades,
    "coinbase_advanced": advanced_trades,
    "kraken": kraken_trades,
}


def counted(path: Path, exchange: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Return the messages of a capture and what was traded in it, by symbol."""
    frames, trades = 0, defaultdict(list)
    for message in received(path):
        frames += 1
        for symbol, price, quantity in TRADES[exchange](message):
            trades[symbol].append((Decimal(price), Decimal(quantity)))
    return frames, {
        symbol: {
            "trades": len(each),
            "first": each[0][0],
            "last": each[-1][0],
            "high": max(price for price, _ in each),
            "low": min(price for price, _ in each),
            "volume": sum(quantity for _, quantity in each),
        }
        for symbol, each in trades.items()
    }
