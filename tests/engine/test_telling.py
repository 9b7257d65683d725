"""A stored firing becomes an event that anybody can read."""

import json

from crypto_portfolio_analyzer.engine.telling import alert_data
from tests.engine.facts import alert, decision


def test_the_event_says_who_fired_where_when_and_at_which_price():
    made = alert("up", message="up it goes")
    fired = decision(made).firing
    assert fired is not None

    data = alert_data(made, fired)

    assert (data["name"], data["symbol"], data["price"], data["message"]) == (
        "up",
        "BTC/USDT",
        101.0,
        "up it goes",
    )
    assert (data["alert_id"], data["firing_id"], data["late"]) == (made.id, fired.id, False)
    assert data["event_at"] == "2026-11-20T12:00:00+00:00"
    assert json.loads(json.dumps(data)) == data
