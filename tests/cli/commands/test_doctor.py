"""`doctor`: one line per check, a fix for each failure, exit 1 if anything failed."""

import pytest


@pytest.fixture
def no_venue(monkeypatch):
    for venue in ("BINANCE", "COINBASE", "KRAKEN"):
        monkeypatch.setenv(f"CRYPTO_ANALYZER_EXCHANGES__{venue}__WS_URL", "ws://127.0.0.1:1")
        monkeypatch.setenv(f"CRYPTO_ANALYZER_EXCHANGES__{venue}__REST_URL", "http://127.0.0.1:1")


def test_all_is_well_with_a_market_to_reach(cli, market):
    cli("db", "upgrade")

    told = cli("doctor")

    assert told.exit_code == 0, told.out
    lines = told.out.splitlines()
    assert [line.split()[1] for line in lines[:-1]] == [
        "clock",
        "disk",
        "database",
        "keys",
        "binance",
        "coinbase",
        "kraken",
    ]
    assert all(line.startswith("✓") for line in lines[:-1])
    assert lines[-1] == "7 fine"


def test_hints_name_the_next_command(cli, market):
    told = cli("doctor")

    assert told.exit_code == 0
    assert "next  crypto-analyzer db upgrade" in told.out
    assert told.out.splitlines()[-1] == "6 fine, 1 hint"


def test_each_failure_has_its_fix_and_the_exit_code_is_1(cli, no_venue):
    told = cli("doctor")

    assert told.exit_code == 1
    assert told.out.count("✗") == told.out.count("fix  ") == 3


def test_json_holds_the_same(cli, no_venue):
    document = cli("doctor", "--json").document

    assert document["failed"] == 3
    failed = [check for check in document["checks"] if check["state"] == "failed"]
    assert all(check["fix"] for check in failed)
