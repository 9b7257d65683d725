"""Tests of storage/tables.py."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from crypto_portfolio_analyzer.storage.tables import metadata


def is_ours(subject, name, kind, reflected, compare_to):
    """Leave out the partitions, which are tables to PostgreSQL only."""
    return not (kind == "table" and name.startswith("bars_"))


def differences(connection):
    options = {"compare_type": True, "include_object": is_ours}
    return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)


async def test_migrations_make_exactly_these_tables(database):
    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []
