"""`audit`: straight on the database while no server runs."""

import sqlite3

import pytest


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Where the data are; no server."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "crypto-analyzer"


def test_what_was_done_is_listed_and_whole(cli, data):
    cli("users", "add", "anna")
    cli("token", "create", "grafana", "--user", "anna")

    listed = cli("audit", "list", "--json").document["entries"]
    users = cli("audit", "list", "--action", "user", "--limit", "1")
    none = cli("audit", "list", "--actor", "bob")
    verified = cli("audit", "verify", "--json")

    assert [each["action"] for each in listed[:2]] == ["token.created", "user.login_link"]
    assert "user.login_link" in users.out
    assert "user.added" not in users.out
    assert none.out == "nothing of that kind was done\n"
    assert verified.exit_code == 0
    assert verified.document["ok"] is True
    assert verified.document["entries"] == 3


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set subject = 'bob' where subject = 'anna'",
        "delete from audit where seq = (select max(seq) from audit)",
    ],
)
def test_tampering_is_told_by_the_exit_code(cli, data, statement):
    cli("users", "add", "anna")
    with sqlite3.connect(data / "analyzer.db") as connection:
        connection.execute(statement)
    connection.close()

    told = cli("audit", "verify")

    assert told.exit_code == 1
    assert told.out.startswith("the audit log is broken at entry ")


def test_instant_nobody_understands_is_refused(cli, data):
    assert cli("audit", "list", "--since", "yesterday-ish").exit_code == 2
