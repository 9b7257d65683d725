"""Database URLs: what people write, and what the drivers understand."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from crypto_portfolio_analyzer.errors import ConfigError

KEY = "database_url"
SQLITE, POSTGRESQL = "sqlite+aiosqlite", "postgresql+asyncpg"
REMEDY = f"write {SQLITE}:///path/to/file.db or {POSTGRESQL}://user@host/database"

_SCHEMES = {
    "sqlite": SQLITE, "sqlite+aiosqlite": SQLITE, "postgres": POSTGRESQL, "postgresql": POSTGRESQL,
    "postgresql+asyncpg": POSTGRESQL,
}  # fmt: skip
_OPTIONS = {"sslmode": "ssl", "ssl": "ssl", "host": "host", "port": "port"}


def parse_url(text: str) -> URL:
    """Read a database URL; plain `sqlite:` and `postgres:` get the driver we use.

    Raises:
        ConfigError: the scheme, the file or an option cannot be used.

    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(KEY, "not a database URL", REMEDY) from error
    scheme = _SCHEMES.get(url.drivername)
    if scheme is None:
        raise ConfigError(KEY, f"unknown scheme {url.drivername!r}", REMEDY)
    url = url.set(drivername=scheme)
    return _sqlite(url) if scheme == SQLITE else _postgresql(url)


def is_sqlite(url: URL) -> bool:
    """Tell whether a parsed URL names a file."""
    return url.drivername == SQLITE


def sqlite_path(url: URL) -> Path:
    """Return the file of a parsed SQLite URL."""
    return Path(url.database or "")


def shown(url: URL) -> str:
    """Return the URL as it may be read by anybody: without the password."""
    return url.render_as_string(hide_password=True)


def _sqlite(url: URL) -> URL:
    if not url.database or url.database == ":memory:" or url.query:
        raise ConfigError(KEY, "SQLite wants a file and no options", REMEDY)
    return url.set(database=str(Path(url.database).expanduser()))


def _postgresql(url: URL) -> URL:
    unknown = sorted(set(url.query) - set(_OPTIONS))
    if unknown:
        raise ConfigError(KEY, f"unknown option {unknown[0]!r}", f"known: {', '.join(_OPTIONS)}")
    if not url.database:
        raise ConfigError(KEY, "no database named", REMEDY)
    return url.set(query={_OPTIONS[name]: value for name, value in url.query.items()})
