"""Views are frozen snapshots whose words people read."""

import msgspec
import pytest

from crypto_portfolio_analyzer.metrics import WATCH_STATES
from crypto_portfolio_analyzer.streaming.views import FeedView, Latest, PriceKind, WatchState, WatchView
from tests.fakes import NOON


@pytest.mark.parametrize("kind", [Latest, WatchView, FeedView])
def test_no_view_can_be_changed(kind: type[msgspec.Struct]) -> None:
    assert kind.__struct_config__.frozen


def test_every_state_has_its_metric() -> None:
    assert {str(state) for state in WatchState} == set(WATCH_STATES)


def test_statistics_nobody_told_are_absent() -> None:
    latest = Latest("BTC/USDT", 1.0, "binance", PriceKind.LIVE, NOON, NOON, simulated=False)

    assert (latest.bid, latest.open_24h, latest.volume_24h, latest.change_24h) == (None,) * 4
