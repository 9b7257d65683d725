"""What every test may ask for: real servers, recorded data, a browser, folders of its own.

A server named by the environment (DATABASE_URL, REDIS_URL) is used; else the first test that asks starts one.
A missing server is an error. The one thing a test may lack is the recorded market data: the summary says so.
"""

import logging
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import URL, make_url

from crypto_portfolio_analyzer import logs
from tests.servers import Keeper, shared

ROOT = Path(__file__).resolve().parent.parent
SESSION = "CRYPTO_ANALYZER_TEST_SESSION"
DATA = Path(os.environ.get("CRYPTO_ANALYZER_TEST_DATA", ROOT.parent / "shared" / "data"))
DATA_ABSENT = "recorded data absent"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
KEEPER = pytest.StashKey[Keeper]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the campaigns too: kills, storms, soak")


def pytest_configure(config: pytest.Config) -> None:
    for name in list(os.environ):
        if name.startswith("CRYPTO_ANALYZER_") and not name.startswith("CRYPTO_ANALYZER_TEST_"):
            del os.environ[name]  # whoever runs the tests may also run the analyzer
    if not hasattr(config, "workerinput"):  # the controller alone; workers inherit the variable
        keeper = config.stash[KEEPER] = Keeper()
        os.environ[SESSION] = str(keeper.session)


def pytest_unconfigure(config: pytest.Config) -> None:
    if KEEPER in config.stash:
        config.stash[KEEPER].close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    items[:] = [item for item in items if item not in long]
    config.hook.pytest_deselected(items=long)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.stats.get("skipped", [])
    count = sum(DATA_ABSENT in str(report.longrepr) for report in reports)
    if count:
        terminalreporter.section(f"{DATA_ABSENT}: {count} tests not run", red=True, bold=True)
        terminalreporter.line("Set CRYPTO_ANALYZER_TEST_DATA to the folder that holds it.")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings, data and caches of whoever runs the tests out of sight."""
    for kind in ("CACHE", "CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / f"xdg-{kind.lower()}"))


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """Let no test hear less than the one before it: what ran in this process may have set the levels."""
    loggers = (logging.getLogger(), logging.getLogger(logs.ROOT))
    before = [each.level for each in loggers]
    yield
    for each, level in zip(loggers, before, strict=True):
        each.setLevel(level)


@pytest.fixture(scope="session")
def recorded_data() -> Path:
    """The folder of recorded market data."""
    if not DATA.is_dir():
        pytest.skip(DATA_ABSENT)
    return DATA


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's Chromium, for Playwright's `executable_path`."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.fail("no Chromium: install your system's chromium package")
    return found


@pytest.fixture(scope="session")
def valkey_url() -> str:
    """A Valkey, or Redis, at `redis://…`; share it by a key prefix of your own, never empty it."""
    return os.environ.get("REDIS_URL") or shared(Path(os.environ[SESSION]), "valkey")


@pytest.fixture(scope="session")
def postgres_server() -> URL:
    """The PostgreSQL server, at a database from which others can be made."""
    url = os.environ.get("DATABASE_URL") or shared(Path(os.environ[SESSION]), "postgres")
    return make_url(url).set(drivername="postgresql")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_template(postgres_server: URL) -> AsyncIterator[str]:
    """The database, its schema up to date, that every test's own is copied from: that takes 30 ms."""
    from crypto_portfolio_analyzer.storage import schema

    name = f"template_{uuid4().hex}"
    await _administer(postgres_server, f"create database {name}")
    await schema.upgrade(_database_url(postgres_server, name))
    yield name
    await _administer(postgres_server, f"drop database {name} with (force)")


@pytest_asyncio.fixture
async def postgres_database(postgres_server: URL, postgres_template: str) -> AsyncIterator[str]:
    """A database of the test's own, as `postgresql+asyncpg://…`."""
    name = f"test_{uuid4().hex}"
    await _administer(postgres_server, f"create database {name} template {postgres_template}")
    yield _database_url(postgres_server, name)
    await _administer(postgres_server, f"drop database {name} with (force)")


def _database_url(server: URL, name: str) -> str:
    url = server.set(drivername="postgresql+asyncpg", database=name)
    return url.render_as_string(hide_password=False)


async def _administer(server: URL, statement: str) -> None:
    connection = await asyncpg.connect(server.render_as_string(hide_password=False))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
