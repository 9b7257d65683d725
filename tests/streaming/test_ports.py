"""Tests of streaming/ports.py: what the database offers fits what streaming asks, unseen by either."""

import pytest

from crypto_portfolio_analyzer.storage.bars import BarStore
from crypto_portfolio_analyzer.storage.coverage import CoverageStore
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.instruments import InstrumentStore
from crypto_portfolio_analyzer.streaming import ports


def fit(database: Database) -> tuple[ports.BarStore, ports.CoverageStore, ports.InstrumentStore]:
    """Pass the type checker only while the stores fit."""
    return BarStore(database), CoverageStore(database), InstrumentStore(database)


@pytest.mark.parametrize("port", [ports.BarStore, ports.CoverageStore, ports.InstrumentStore])
async def test_stores_have_every_member_of_their_port(port, tmp_path):
    database = Database(f"sqlite:///{tmp_path}/analyzer.db")
    store = next(store for store in fit(database) if type(store).__name__ == port.__name__)

    assert all(callable(getattr(store, name)) for name in vars(port) if not name.startswith("_"))
    await database.stop()
