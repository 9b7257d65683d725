"""`users`: straight on the database while no server runs; mistakes and their exit codes."""

import io

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Data of its own, and no server."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def test_an_account_lives_without_a_server(cli, monkeypatch):
    made = cli("users", "add", "anna", "--json")
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\nand more\n"))
    password = cli("users", "password", "anna", "--password-stdin")
    role = cli("users", "role", "anna", "reader", "--yes", "--json")
    disabled = cli("users", "disable", "anna", "--yes")
    listed = cli("users", "list", "--json")
    enabled = cli("users", "enable", "anna")
    linked = cli("users", "login-link", "anna")

    assert [each.exit_code for each in (made, password, role, disabled, listed, enabled, linked)] == [0] * 7
    assert made.document["login_url"].startswith("http://localhost:8000/login?code=")
    assert made.document["role"] == "trader"
    assert "correct horse" not in password.out + password.err
    assert role.document["role"] == "reader"
    assert disabled.out.startswith("anna: reader, disabled since ")
    anna = listed.document["users"][1]
    assert (anna["name"], anna["has_password"], anna["disabled_at"] is None) == ("anna", True, False)
    assert enabled.out == "anna: reader, enabled\n"
    assert linked.out.startswith("http://localhost:8000/login?code=")


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (("add", "Anna"), 2, "name"),
        (("add", "admin"), 2, "choose another name"),
        (("add", "anna", "--role", "king"), 2, "role"),
        (("role", "nobody", "reader", "--yes"), 3, "no user 'nobody'"),
        (("role", "admin", "reader", "--yes"), 2, "last administrator"),
        (("role", "admin", "reader"), 2, "--yes"),
        (("disable", "admin", "--yes"), 2, "last administrator"),
        (("disable", "nobody"), 2, "--yes"),
        (("enable", "../auth/me"), 3, "nothing is served"),
        (("login-link", "nobody"), 3, "no user 'nobody'"),
        (("password", "admin"), 2, "--password-stdin"),
        (("password", "admin", "correct horse"), 2, "unexpected extra argument"),
    ],
)
def test_mistakes_are_told_with_their_exit_code(cli, monkeypatch, arguments, exit_code, said):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    told = cli("users", *arguments)

    assert (told.exit_code, said in told.err) == (exit_code, True), told.err


def test_weak_password_is_refused_and_not_shown(cli, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("password1234\n"))

    told = cli("users", "password", "admin", "--password-stdin")

    assert told.exit_code == 2
    assert "password1234" not in told.out + told.err


def test_help_shows_examples(cli):
    told = cli("users", "--help")

    assert "crypto-analyzer users add anna --role trader" in told.out
