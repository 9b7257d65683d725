"""The head of the audit log's chain, kept in a file outside of the database: without it a cut end is not seen."""

import os
import tempfile
from pathlib import Path

import msgspec
from msgspec import Struct

from crypto_portfolio_analyzer.errors import StorageError

FILE = "audit.anchor"


class Anchored(Struct, frozen=True):
    """An entry the chain has: its number, its hash, when it was noted (ns)."""

    seq: int
    hash: str
    at: int


class Anchor:
    """The file in the data folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def read(self) -> Anchored | None:
        """Return what was noted last; None if nothing ever was.

        Raises StorageError for a file that cannot be read: an anchor that was spoiled must not pass for none.
        """
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Anchored)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            remedy = "restore it from a backup, or remove it to begin anew"
            raise StorageError(f"cannot read {self.path}; {remedy}") from error

    def write(self, anchored: Anchored) -> None:
        """Note an entry, whole or not at all; raises StorageError."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, partial = tempfile.mkstemp(prefix=f".{FILE}.", dir=self.path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.encode(anchored))
                file.flush()
                os.fsync(file.fileno())
            Path(partial).replace(self.path)
        except OSError as error:
            raise StorageError(f"cannot write {self.path}: {error.strerror}") from error
