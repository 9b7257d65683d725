"""What the tests of delivery share: a database of both kinds."""

from tests.storage.conftest import database, database_url, sqlite_template, sqlite_url

__all__ = ["database", "database_url", "sqlite_template", "sqlite_url"]
