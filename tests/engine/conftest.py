"""What the engine's tests share: a database of both kinds, and a store in it."""

from tests.storage.conftest import (
    database,
    database_url,
    sqlite_template,
    sqlite_url,
    store,
)

__all__ = ["database", "database_url", "sqlite_template", "sqlite_url", "store"]
