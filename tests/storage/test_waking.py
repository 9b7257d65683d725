"""Tests of storage/waking.py."""

import asyncio

import pytest
from sqlalchemy import text

from crypto_portfolio_analyzer.core.notices.notification import Content, Kind
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.delivery import DeliveryStore
from crypto_portfolio_analyzer.storage.waking import wakings
from tests.storage.made import NOW, SEALING, add_channel, alert, fires
from tests.storage.sending import UNTIL, claimed

LISTENERS = "pg_stat_activity where query like 'LISTEN%' and datname = current_database()"


@pytest.fixture
def database_url(postgres_database):
    return postgres_database


@pytest.fixture
async def phone(database):
    return await add_channel(database, "phone", is_default=True)


async def heard(stream):
    async with asyncio.timeout(20):
        await anext(stream)


async def test_another_process_hears_of_what_is_queued(outbox, other_outbox, store, phone):
    stream = outbox.wakings()
    await heard(stream)  # connected
    (high,) = await store.create([alert()], NOW, "ada")

    await store.commit(fires(high), NOW)
    await heard(stream)
    await other_outbox.queue(phone, Kind.TEST, Content(title="a"), NOW)
    await heard(stream)
    assert len(await claimed(other_outbox, phone, 1)) == 1
    await other_outbox.rescue(UNTIL + 1)
    await heard(stream)

    assert len(await claimed(outbox, phone, now=UNTIL + 1)) == 2
    await stream.aclose()


async def test_what_nobody_is_told_of_wakes_nobody(outbox, store):
    stream = outbox.wakings()
    await heard(stream)
    (high,) = await store.create([alert()], NOW, "ada")

    await store.commit(fires(high), NOW)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await anext(stream)


async def test_cut_connection_is_made_again_and_wakes_once(database, outbox, phone, caplog):
    caplog.set_level("INFO")
    stream = outbox.wakings()
    await heard(stream)

    async with database.writing() as connection:
        await connection.execute(text(f"select pg_terminate_backend(pid) from {LISTENERS}"))
    await heard(stream)

    assert "listening for deliveries again" in caplog.text
    await outbox.queue(phone, Kind.TEST, Content(title="a"), NOW)
    await heard(stream)
    await stream.aclose()


async def test_connection_is_closed_with_the_stream(database):
    stream = wakings(database)
    await heard(stream)
    await stream.aclose()

    async with asyncio.timeout(20), database.reading() as connection:
        while await connection.scalar(text(f"select count(*) from {LISTENERS}")):
            await connection.rollback()


async def test_server_out_of_reach_is_tried_again_without_an_error(caplog):
    database = Database("postgresql+asyncpg://ada:canary@127.0.0.1:1/analyzer")
    stream = wakings(database)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await anext(stream)

    assert caplog.text.count("cannot listen for deliveries") == 1
    assert "canary" not in caplog.text


async def test_on_sqlite_there_is_no_other_process(tmp_path):
    stream = DeliveryStore(Database(f"sqlite:///{tmp_path}/analyzer.db"), SEALING).wakings()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await anext(stream)
