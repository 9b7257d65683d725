"""`token`: straight on the database while no server runs; mistakes and their exit codes."""

import io

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Data of its own, no server, and nobody who types."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("sys.stdin", io.StringIO(""))


def test_a_token_lives_without_a_server(cli):
    made = cli("token", "create", "grafana", "--scope", "market:read", "--scope", "alerts:read")
    lasting = cli("token", "create", "robot", "--expires", "never", "--json").document
    listed = cli("token", "list")
    revoked = cli("token", "revoke", "grafana", "--yes", "--json")
    left = cli("token", "list", "--json").document["tokens"]

    assert made.exit_code == 0, made.err
    assert made.out.startswith("ca_")
    assert made.out.count("\n") == 1
    assert lasting["expires_at"] is None
    assert lasting["scopes"] == ["read"]
    assert "market:read, alerts:read" in listed.out
    assert made.out.strip() not in listed.out
    assert revoked.document["revoked"] is True
    assert [each["name"] for each in left] == ["robot"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (("create", "x", "--expires", "soon"), 2, "write 90d, or never"),
        (("create", "x", "--expires", "0d"), 2, "write 90d, or never"),
        (("create", "x", "--scope", "everything"), 2, "scope"),
        (("create", "x", "--user", "nobody"), 3, "no user 'nobody'"),
        (("list", "--user", "nobody"), 3, "no user 'nobody'"),
        (("revoke", "nothing", "--yes"), 3, "no token 'nothing'"),
    ],
)
def test_mistakes_are_told_with_their_exit_code(cli, arguments, exit_code, said):
    told = cli("token", *arguments)

    assert (told.exit_code, said in told.err) == (exit_code, True), told.err


def test_revoking_asks_first(cli):
    cli("token", "create", "grafana")

    assert cli("token", "revoke", "grafana").exit_code == 2
    assert "grafana" in cli("token", "list").out
