"""Secrets at rest: a channel's options, encrypted and authenticated with keys that do not lie in the database.

Fernet (https://github.com/fernet/spec): AES-128-CBC and HMAC-SHA256 under a key of 32 bytes in URL-safe base64.
With several keys the first seals and every one opens, so that keys can be replaced without a gap.
"""

import base64
import os
import tempfile
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crypto_portfolio_analyzer.errors import ConfigError
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.rows import Rows

KEY = "secrets_key"
FILE = "secrets.key"
REMEDY = "give keys as `Fernet.generate_key()` makes them, the newest first, with commas between"
_REMEMBERED = 10_000
"""Values that are opened once and remembered: opening takes 50 µs, and every look at the outbox wants them."""


class Sealing:
    """Seals options under the first of some keys, and opens what was sealed under any of them.

    Raises ConfigError for what is no key.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        keys = list(keys)
        known = [_fernet(each) for each in keys]
        if not known:
            raise ConfigError(KEY, "no key", REMEDY)
        self._fernet = MultiFernet(known)
        self._keys = [base64.urlsafe_b64decode(each) for each in keys]
        self._open = lru_cache(_REMEMBERED)(self._opened)

    @classmethod
    def of(cls, setting: str) -> "Sealing":
        """Return the sealing of a setting: one key, or several with commas between."""
        return cls(_keys(setting))

    @classmethod
    def in_folder(cls, folder: Path) -> "Sealing":
        """Return the sealing of the key file in a data folder; made on first use, for its owner's eyes only."""
        path = folder / FILE
        try:
            if not path.exists():
                _make(path)
            return cls.of(path.read_text())
        except OSError as error:
            raise ConfigError(KEY, f"cannot use {path}: {error.strerror}", f"set {KEY}") from error

    def seal(self, options: Mapping[str, object]) -> str:
        """Return options as a text that says nothing without the key."""
        return self._fernet.encrypt(msgspec.json.encode(options)).decode()

    def open(self, sealed: str) -> dict[str, object]:
        """Return the options of a sealed text.

        Raises ConfigError if none of the keys opens it.
        """
        return dict(self._open(sealed))

    def derived(self, purpose: str) -> list[bytes]:
        """Return keys of 32 bytes for something else, one from each of the keys (HKDF-SHA256, RFC 5869)."""
        return [HKDF(SHA256(), 32, None, purpose.encode()).derive(each) for each in self._keys]

    def _opened(self, sealed: str) -> dict[str, object]:
        try:
            return msgspec.json.decode(self._fernet.decrypt(sealed.encode()), type=dict[str, object])
        except InvalidToken:
            problem = "a secret in the database was sealed with another key"
            remedy = f"give the former keys too, after the present one, or restore {FILE} of the data folder"
            raise ConfigError(KEY, problem, remedy) from None


class SealedRows(Rows):
    """A database that is asked for rows with something sealed in them."""

    def __init__(self, database: Database, sealing: Sealing) -> None:
        super().__init__(database)
        self._sealing = sealing


def _keys(text: str) -> list[str]:
    return [each for each in text.replace("\n", ",").replace(" ", ",").split(",") if each]


def _fernet(key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:  # its text would show the key's length, and its cause the key
        raise ConfigError(KEY, "not a key", REMEDY) from None


def _make(path: Path) -> None:
    """Write a new key, whole or not at all; another process that does the same at the same time may win."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        Path(path).hardlink_to(partial)
    except FileExistsError:
        return
    finally:
        Path(partial).unlink()
