"""Firings of a replay, in the shape of the contract."""

from math import nan

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.cli.alert_tapes import firing_document, firing_row, watching_alerts
from crypto_portfolio_analyzer.core.alerts import Evidence, Firing
from crypto_portfolio_analyzer.engine.replaying import ReplayedFiring
from tests.fakes import NOON

EVIDENCE = Evidence(sentence="", leaves=(), values={"price": 65012.4}, before={}, venue="binance")
FIRING = Firing(
    id="f", alert_id="0", revision=1, symbol="BTC/USDT", key="1", price=65012.4, event_at=NOON, received_at=NOON,
    detected_at=NOON, evidence=EVIDENCE, late=True,
)  # fmt: skip


def test_a_firing_is_told_as_the_contract_has_it():
    told = firing_document(ReplayedFiring("breakout", FIRING))

    assert told == {
        "alert": "breakout", "symbol": "BTC/USDT", "event_at": "2026-11-20T12:00:00.000Z", "price": "65012.4",
        "late": True, "approximated": False, "values": {"price": 65012.4},
    }  # fmt: skip
    assert firing_row(told) == ["2026-11-20 12:00:00.000", "BTC/USDT", "65012.4", "breakout", "late"]


def test_a_price_nobody_knows_is_null():
    told = firing_document(ReplayedFiring("a", replace(FIRING, price=nan)))

    assert (told["price"], firing_row(told)[2]) == (None, "–")


def test_a_file_that_is_not_there_is_said_at_once(tmp_path):
    with pytest.raises(FileNotFoundError):
        watching_alerts(tmp_path / "none.yaml", "binance", [])
