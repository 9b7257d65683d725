"""Reads the first message of each kind out of recorded captures, and describes its shape."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_RECEIVED = re.compile(r"\d+\.\d+: (.*)", re.DOTALL)


def received(capture: Path) -> Iterator[Any]:
    """Yield the messages of a CF1 capture, decoded."""
    with gzip.open(capture, "rt") as lines:
        for line in lines:
            match = _RECEIVED.fullmatch(line.rstrip("\n"))
            if match:
                yield json.loads(match[1])


def shape(value: Any) -> Any:
    """Return what a message looks like: field names in order, kinds of values, decimals of number texts."""
    if isinstance(value, dict):
        return [(name, shape(part)) for name, part in value.items()]
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+", value):
        return f"text with {len(value.partition('.')[2])} decimals"
    return type(value).__name__
