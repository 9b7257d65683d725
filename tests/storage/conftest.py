"""Every store on both databases: a SQLite file and a real PostgreSQL, migrated once and copied for each test."""

import shutil

import pytest
import pytest_asyncio

from crypto_portfolio_analyzer.storage import schema
from crypto_portfolio_analyzer.storage.accounts import AccountStore
from crypto_portfolio_analyzer.storage.alerts import AlertStore
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.delivery import DeliveryStore
from tests.storage.made import NOW, SEALING


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "analyzer.db"
    await schema.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template, tmp_path):
    path = tmp_path / "analyzer.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_database")


@pytest_asyncio.fixture
async def database(database_url):
    database = Database(database_url)
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
def store(database):
    return AlertStore(database)


@pytest.fixture
def outbox(database):
    """The delivery store: channels, the outbox and its log."""
    return DeliveryStore(database, SEALING)


@pytest_asyncio.fixture
async def other_outbox(database_url):
    """The delivery store of another process on the same database."""
    database = Database(database_url)
    yield DeliveryStore(database, SEALING)
    await database.stop()


@pytest_asyncio.fixture
async def other_store(database_url):
    """The alert store of another process on the same database."""
    database = Database(database_url)
    yield AlertStore(database)
    await database.stop()


@pytest.fixture
def accounts(database):
    return AccountStore(database, SEALING)


@pytest_asyncio.fixture
async def other_accounts(database_url):
    """The account store of another process on the same database."""
    database = Database(database_url)
    yield AccountStore(database, SEALING)
    await database.stop()


@pytest_asyncio.fixture
async def ada(accounts):
    return await accounts.add_user("ada", "admin", NOW)


@pytest_asyncio.fixture
async def bob(accounts, ada):
    """Somebody ada has let in."""
    return await accounts.add_user("bob", "trader", NOW, "ada")
