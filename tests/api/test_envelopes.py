"""What every message on the socket looks like."""

from crypto_portfolio_analyzer.api.envelopes import frame_of
from tests.api.test_clients import FakeWire
from tests.api.test_prices import heard
from tests.fakes import NOON


def test_messages_have_type_data_and_instant_and_a_number_only_in_durable_rooms() -> None:
    wire = FakeWire()
    wire.write(frame_of("status", {"a": 1}, NOON))
    wire.write(frame_of("alert", {}, NOON, 7))

    assert heard(wire) == [
        {"type": "status", "data": {"a": 1}, "timestamp": "2026-11-20T12:00:00.000Z"},
        {"type": "alert", "data": {}, "timestamp": "2026-11-20T12:00:00.000Z", "seq": 7},
    ]


def test_what_is_no_number_is_null() -> None:
    wire = FakeWire()
    wire.write(frame_of("alert", {"value": float("nan")}, NOON))

    assert heard(wire)[0]["data"] == {"value": None}
