"""Reads the recorded captures: what a venue sent, with the receive time in ns."""

import gzip
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit


class Frame(NamedTuple):
    """A received message."""

    received_at: int
    text: bytes


class Body(NamedTuple):
    """A REST answer: the query it was for, and the body."""

    received_at: int
    query: dict[str, str]
    text: bytes


def records(path: Path) -> Iterator[Frame | Body]:
    """Yield received messages and REST answers; `<time>: <text>` and `<url> -> <time>: <text>`."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            head, _, text = line.rstrip("\n").partition(": ")
            url, arrow, at = head.partition(" -> ")
            if arrow:
                query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
                yield Body(nanoseconds(at), query, text.encode())
            elif head.replace(".", "", 1).isdecimal():
                yield Frame(nanoseconds(head), text.encode())


def frames(path: Path) -> Iterator[Frame]:
    """Yield received messages."""
    return (record for record in records(path) if isinstance(record, Frame))


def nanoseconds(seconds: str) -> int:
    return int(Decimal(seconds) * 10**9)
