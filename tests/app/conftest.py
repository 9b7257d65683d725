"""Settings of a process that needs nobody."""

from pathlib import Path

import pytest

from crypto_portfolio_analyzer.settings import ExchangeSettings, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The mock venue, a file for a database."""
    return Settings(
        provider="mock",
        symbols=("BTC", "ETH"),
        data_dir=tmp_path,
        exchanges={"mock": ExchangeSettings(ws_url="mock:?interval=0.02")},
    )
