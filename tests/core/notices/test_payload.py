"""What programs get: exact, complete, the same in every language."""

from crypto_portfolio_analyzer.core.notices.notification import Kind
from crypto_portfolio_analyzer.core.notices.payload import TYPES
from tests.core.notices.made import crossing, falls, notice, told

FIRED = {
    "id": "9f2c41abcdefghijklmnopqrst",
    "alert": {
        "id": "a1f3",
        "name": "BTC breakout",
        "revision": 3,
        "tags": ["fast"],
        "severity": "critical",
        "condition": "price crosses above 65000",
        "sentence": "BTC/USDT: price crosses above 65000",
    },
    "symbol": "BTC/USDT",
    "price": "65012.4",
    "event_at": "2026-11-20T14:03:07.000Z",
    "received_at": "2026-11-20T14:03:07.018Z",
    "detected_at": "2026-11-20T14:03:07.023Z",
    "stored_at": "2026-11-20T14:03:07.025Z",
    "late": False,
    "cause": "live",
    "approximated": False,
    "simulated": False,
    "message": "half off",
    "venue": "binance",
    "values": {"price": "65012.4"},
    "before": {"price": "64987.1"},
    "url": None,
}


def test_one_firing():
    assert told(crossing(message="half off", tags=("fast",))).data == FIRED


def test_language_changes_nothing():
    work = crossing()

    assert told(work, options={"language": "de", "zone": "Europe/Berlin"}).data == told(work).data


def test_digest_names_its_firings():
    assert told(*falls(2)).data == {"count": 2, "firings": ["fall0000", "fall0001"]}


def test_other_matters_have_title_and_text():
    assert told(notice("a", "b")).data == {"title": "a", "text": "b", "severity": "warning"}
    assert TYPES.keys() == set(Kind)
