"""Tests of storage/migrations/env.py."""

from alembic import command
from sqlalchemy import inspect, text

from crypto_portfolio_analyzer.storage import schema
from crypto_portfolio_analyzer.storage.database import Database


async def test_environment_works_on_the_connection_it_is_handed(sqlite_url):
    """An upgrade and what came before it in the same transaction are taken back together."""
    await schema.downgrade(sqlite_url, "base")
    database = Database(sqlite_url)

    async with database.reading() as connection:
        await connection.execute(text("create table before (a integer)"))
        await connection.run_sync(schema._run, lambda config: command.upgrade(config, "head"))
        during = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    async with database.reading() as connection:
        after = await connection.run_sync(lambda sync: inspect(sync).get_table_names())

    assert {"before", "bars"} <= set(during)
    assert after == ["alembic_version"]
    await database.stop()
