"""What every message on `/ws` looks like, and the frame that carries it."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType, json

from crypto_portfolio_analyzer.api.schemas import iso
from crypto_portfolio_analyzer.api.wire import text_frame

_encode = json.Encoder().encode


class Envelope(Struct):
    """One message; `seq` numbers those of durable rooms."""

    type: str
    data: Any
    timestamp: str
    seq: int | UnsetType = UNSET


def frame_of(kind: str, data: Any, at: int, seq: int | UnsetType = UNSET) -> bytes:
    """Build a message of the instant `at` (ns), good for any number of clients."""
    return text_frame(_encode(Envelope(kind, data, iso(at), seq)))
