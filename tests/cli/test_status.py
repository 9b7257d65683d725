"""A server's status as a page of text."""

import io

from crypto_portfolio_analyzer.cli.output import Output
from crypto_portfolio_analyzer.cli.status import show

FEED = {"venue": "binance", "label": "Binance", "status": "connected", "simulated": True, "connections": 1,
        "subscriptions": 40, "facts": 12345, "rejects": {"json": 2}, "reconnects": 1, "gaps": 3, "gaps_open": 1,
        "backfilled": 7, "latency_ms": 26.4, "age_seconds": 0.3, "last_error": None}  # fmt: skip
TOLD = {
    "status": "degraded",
    "verdict": "DOGE: no fresh price.",
    "simulated": True,
    "uptime": 130.0,
    "connected_clients": 2,
    "rooms": {"prices": 2, "system": 0},
    "version": "9.9",
    "feeds": [FEED],
    "troubled": [{"asked": "DOGE", "reason": "", "state": "stale\x1b"}],
}


def shown(told, **options):
    out = io.StringIO()
    show(Output(stdout=out, stderr=io.StringIO(), **options), told)
    return out.getvalue()


def test_one_sentence_comes_first_and_simulated_before_it():
    assert shown(TOLD).splitlines()[0] == "SIMULATED · DOGE: no fresh price."


def test_numbers_of_clients_and_feeds_follow():
    lines = shown(TOLD).splitlines()

    assert lines[1] == "up 2m 10s · 2 clients in prices 2 · version 9.9"
    assert lines[3].split() == [
        "Binance",
        "connected",
        "40",
        "12,345",
        "0.3s",
        "26",
        "ms",
        "1",
        "3",
        "(1",
        "open)",
        "2",
    ]


def test_troubled_symbols_are_named_harmlessly():
    assert shown(TOLD).splitlines()[-1] == "! DOGE: stale\\x1b"


def test_json_is_what_the_server_said():
    import json

    assert json.loads(shown(TOLD, as_json=True)) == TOLD
