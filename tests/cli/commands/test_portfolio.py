"""`portfolio`: straight on the database while no server runs."""

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Data of its own, and no server."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def test_a_holding_lives_without_a_server_from_add_to_remove(cli):
    empty = cli("portfolio", "list")
    first = cli("portfolio", "add", "BTC", "0.5")
    cli("portfolio", "add", "btc", "0.1")
    listed = cli("portfolio", "list", "--json").document
    table = cli("portfolio", "list")
    removed = cli("portfolio", "remove", "BTC", "--json").document
    again = cli("portfolio", "remove", "BTC")

    assert empty.out.startswith("nothing is held yet")
    assert first.out == "BTC 0.5\n"
    assert "no server runs" in first.err
    assert [(each["symbol"], each["quantity"]) for each in listed["holdings"]] == [("BTC", "0.6")]
    unknown = (
        "average_cost",
        "cost_basis",
        "price",
        "market_value",
        "unrealised_pnl",
        "realised_pnl",
        "weight",
    )
    assert [listed["holdings"][0][name] for name in unknown] == [None] * len(unknown)
    assert listed["total_value"] == "0"
    assert table.out.splitlines()[1].split()[:3] == ["BTC", "0.6", "–"]
    assert removed == {"symbol": "BTC", "removed": True}
    assert again.exit_code == 3


def test_the_status_is_one_sentence(cli):
    cli("portfolio", "add", "BTC", "0.5")
    told = cli("portfolio", "status")
    document = cli("portfolio", "status", "--json").document

    assert told.out == "0.00 · 24 h – · 1 holding · 1 without a price\n"
    assert (document["holdings"], document["complete"]) == (1, False)


@pytest.mark.parametrize(
    "arguments", [("BTC", "0"), ("BTC", "much"), ("?!", "1"), ("ETH/BTC", "1"), ("BTC", "nan")]
)
def test_what_cannot_be_held_is_refused_with_a_fix(cli, arguments):
    told = cli("portfolio", "add", *arguments)

    assert told.exit_code == 2
    assert "fix" in told.err
