"""The links of the audit log's chain, and how one that was tampered with is found.

The hash of an entry is HMAC-SHA-256 over its canonical bytes, which hold the hash of the entry before it. The key is
derived from the server's key file: who has the database alone can neither change an entry nor make a new one.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from hmac import HMAC
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Row

PURPOSE = "audit chain"
"""What the key is derived for."""
PAGE = 500
"""Entries looked at in one go."""
_FIELDS = ("seq", "at", "actor", "action", "subject", "details", "prev")

CHANGED = "it was changed, forged, or made with another key"
UNCHAINED = "it was inserted by somebody without the key"
MISSING = "what stood before it was removed or moved"
TRUNCATED = "the newest entries were removed: the anchor knows later ones"


class Verdict(Struct, frozen=True):
    """What a walk along the chain has shown.

    `entries` were found sound, the newest of them with the hash `head`; `earlier` of people's entries are older than
    the chain, and bound to its first link as they were then. `broken_at` is the `seq` of the first entry that is not
    sound, and `problem` says what was done to it.
    """

    ok: bool
    entries: int
    head: str | None
    earlier: int
    broken_at: int | None = None
    problem: str | None = None


class Walk:
    """A walk along the chain from its beginning, with the keys its entries may be made with."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = list(keys)
        self.entries = self.earlier = 0
        self.head: str | None = None
        self.broken: tuple[int, str] | None = None
        self._foundations = [started(key) for key in keys]

    def go(self, rows: Iterable[Row[Any]]) -> None:
        """Go on over people's next entries, until one is broken."""
        for row in rows:
            problem = self._problem(row)
            if problem is not None:
                self.broken = row.seq, problem
                return

    def _problem(self, row: Row[Any]) -> str | None:
        """Return what is wrong with an entry, or take it as the new head."""
        if row.hash is None:
            if self.head is not None:
                return UNCHAINED
            self.earlier += 1
            for each in self._foundations:
                each.update(canonical(row))
            return None
        key = self._key(row)
        if key is None:
            return CHANGED
        if row.prev != (self.head or self._foundations[key].hexdigest()):
            return MISSING
        self._foundations = self._foundations if self.head is None else []
        self.head = row.hash
        self.entries += 1
        return None

    def _key(self, row: Row[Any]) -> int | None:
        """Return which key an entry was made with."""
        for position, key in enumerate(self._keys):
            if hmac.compare_digest(link(key, row._mapping), str(row.hash)):
                return position
        return None


def link(key: bytes, fields: Mapping[Any, Any]) -> str:
    """Return the hash of an entry, given its fields."""
    return hmac.digest(key, _bytes([fields[name] for name in _FIELDS]), "sha256").hex()


def canonical(row: Row[Any]) -> bytes:
    """Return the bytes that stand for an entry, and for no other."""
    return _bytes([row._mapping[name] for name in _FIELDS])


def started(key: bytes) -> HMAC:
    """Return the beginning of a hash over many entries."""
    return hmac.new(key, digestmod="sha256")


def _bytes(values: list[Any]) -> bytes:
    return msgspec.json.encode(values)
