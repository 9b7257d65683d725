"""How the analyzer speaks: one line per message on standard error, for people or as JSON.

Modules log through the standard library, `logging.getLogger(__name__)`, a constant sentence plus `extra`
fields. Whatever came from outside is made harmless here: secrets are masked, control characters escaped.
"""

import logging
import os
import re
import sys
from collections.abc import Iterable, MutableMapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Literal, TextIO

import structlog
from msgspec import Struct
from structlog.types import EventDict, Processor

ROOT = "crypto_portfolio_analyzer"
MASK = "•••"

_LEFTOVERS = frozenset({"message", "asctime"})
"""What other handlers' formatters leave on a record."""
_SECRET_NAME = re.compile(
    r"(?i)(?:^|_|-)(?:token|secret|password|passwd|authorization|cookie|ticket|api_?key|private_?key)$"
)
_URL_PASSWORD = re.compile(r"(?<=://)([^\s/@:]*):[^\s/@]+@")
_SECRET_PAIR = re.compile(
    r"(?i)\b(token|secret|password|ticket|code|signature|api_?key|bearer)(=|:\s*|\s+)[\w.~+/=%-]{6,}"
)
_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class LogFile(Struct, frozen=True):
    """Where the log is kept: a new file is begun at `most_bytes` (0: never), and so many earlier ones stay."""

    path: Path
    most_bytes: int
    earlier: int


def configure(
    level: str = "info",
    form: Literal["console", "json"] = "console",
    *,
    stream: TextIO | None = None,
    colours: bool = False,
    secrets: Iterable[str] = (),
    file: LogFile | None = None,
) -> logging.Handler:
    """Send the log to `file`, else `stream`, else standard error; return its handler, which replaces the earlier.

    `secrets` are values that must never appear, wherever they turn up. Loggers of ours can be set to another
    level as usual; other people's libraries speak from WARNING on. Raises OSError if the file cannot be written.
    """
    handler = _handler(stream, file)
    handler.setFormatter(_formatter(form, colours=colours, secrets=frozenset(filter(None, secrets))))
    root = logging.getLogger()
    for earlier in [each for each in root.handlers if getattr(each, "is_ours", False)]:
        root.removeHandler(earlier)
        earlier.close()
    handler.is_ours = True  # type: ignore[attr-defined]  # marks it for the next call
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(ROOT).setLevel(level.upper())
    return handler


def _handler(stream: TextIO | None, file: LogFile | None) -> logging.Handler:
    if file is not None:
        return _Rotating(file)
    return _Handler() if stream is None else logging.StreamHandler(stream)


class _Rotating(RotatingFileHandler):
    """Writes to a file that only its owner reads: a log tells who asked for what."""

    def __init__(self, file: LogFile) -> None:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(file.path, maxBytes=file.most_bytes, backupCount=file.earlier, encoding="utf-8")

    def _open(self) -> Any:
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.fchmod(handle, 0o600)  # the file may have been there
        return os.fdopen(handle, "a", encoding="utf-8")


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is at that moment: a live table may stand in for it."""

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, value: TextIO) -> None:
        pass


def escape(text: str) -> str:
    """Return the text with control and direction characters written out, so that it stays on its line."""
    return _HARMFUL.sub(_written_out, text)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return the text without passwords in URLs, tokens in `name=value` form, and the given secrets."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    text = _URL_PASSWORD.sub(rf"\1:{MASK}@", text)
    return _SECRET_PAIR.sub(rf"\1\2{MASK}", text)


def _formatter(form: str, *, colours: bool, secrets: frozenset[str]) -> logging.Formatter:
    before: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Processor = structlog.processors.JSONRenderer()
    if form == "console":
        renderer = structlog.dev.ConsoleRenderer(
            colors=colours, exception_formatter=structlog.dev.plain_traceback
        )
    shape: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        _Safe(secrets),
        renderer,
    ]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=shape)


class _Safe:
    """Masks secrets and escapes what could forge lines or drive a terminal, in every field."""

    def __init__(self, secrets: frozenset[str]) -> None:
        self._secrets = secrets

    def __call__(self, logger: Any, name: str, event: EventDict) -> MutableMapping[str, Any]:
        return {escape(key): self._field(key, value) for key, value in event.items() if key not in _LEFTOVERS}

    def _field(self, key: str, value: Any) -> Any:
        if _SECRET_NAME.search(key):
            return MASK
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, dict):
            return {escape(str(name)): self._field(str(name), part) for name, part in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._field("", part) for part in value]
        text = redact(str(value), self._secrets)
        return _indented(text) if key == "exception" else escape(text)


def _indented(traceback: str) -> str:
    """Set the lines of a traceback off from those that begin a message, whatever its text says."""
    return "\n".join("  " + escape(line) for line in traceback.split("\n"))


def _written_out(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
