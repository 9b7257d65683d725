"""`channels`: straight on the database while no server runs; help, mistakes, 80 columns."""

import pytest

from crypto_portfolio_analyzer.cli.channel_views import CHANNEL_COLUMNS
from crypto_portfolio_analyzer.cli.output import table_lines

URL = "https://example.org/hook"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Data of its own, and no server."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def test_a_channel_lives_without_a_server_from_add_to_remove(cli, home):
    made = cli("channels", "add", "webhook", "--url", URL, "--name", "bot", "--default", "--json")
    listed = cli("channels", "list", "--json")
    shown = cli("channels", "show", "bot")
    edited = cli("channels", "edit", "bot", "--off", "--json").document
    removed = cli("channels", "remove", "bot", "--yes", "--json").document
    empty = cli("channels", "list")

    assert made.exit_code == 0, made.err
    assert made.document["secret"].startswith("whsec_")
    assert "no server runs" in made.err
    assert [each["name"] for each in listed.document["channels"]] == ["bot"]
    assert made.document["secret"] not in listed.out + shown.out
    assert "•••" in shown.out
    assert edited["enabled"] is False
    assert removed == {"id": made.document["id"], "removed": True}
    assert empty.out.startswith("no channels yet")


def test_secrets_can_be_read_from_a_file_and_are_kept_beside_the_database_sealed(cli, home, tmp_path):
    secret = "whsec_" + "Y2FuYXJ5" * 4
    (tmp_path / "secret.txt").write_text(secret + "\n")

    told = cli(
        "channels", "add", "webhook", "--url", URL, "--option-file", f"secret={tmp_path}/secret.txt", "--json"
    )

    assert told.document["secret"] == secret
    stored = b"".join(path.read_bytes() for path in (home / "crypto-analyzer").glob("analyzer.db*"))
    assert b"Y2FuYXJ5" not in stored
    assert URL.encode() not in stored


def test_every_seal_can_be_made_anew(cli, monkeypatch):
    from cryptography.fernet import Fernet

    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    monkeypatch.setenv("CRYPTO_ANALYZER_SECRETS_KEY", old)
    cli("channels", "add", "webhook", "--url", URL, "--name", "bot")
    monkeypatch.setenv("CRYPTO_ANALYZER_SECRETS_KEY", f"{new},{old}")
    told = cli("channels", "reseal", "--json")
    monkeypatch.setenv("CRYPTO_ANALYZER_SECRETS_KEY", new)
    listed = cli("channels", "list", "--json")

    assert told.document == {"resealed": 1, "second_factors": 0}
    assert [each["name"] for each in listed.document["channels"]] == ["bot"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (("add", "webhok"), 2, "did you mean 'webhook'"),
        (("add", "webhook"), 2, "url: "),
        (("add", "webhook", "--url", "http://10.0.0.1/"), 2, "url: "),
        (("add", "webhook", "--url", URL, "--option", "policy"), 2, "key=value"),
        (("add", "webhook", "--url", URL, "--quiet-hours", "late"), 2, "22:00-07:00"),
        (("show", "nobody"), 3, "no channel 'nobody'"),
        (("edit", "nobody", "--off"), 3, "no channel 'nobody'"),
        (("remove", "nobody", "--yes"), 3, "no channel 'nobody'"),
        (("test", "nobody"), 4, "no server is running"),
        (("types", "pigeon"), 2, "pigeon"),
        (("add", "webhook", "--option-file", "secret=/nowhere"), 3, "/nowhere"),
    ],
)
def test_mistakes_say_what_would_be_right(cli, arguments, exit_code, said):
    told = cli("channels", *arguments)

    assert told.exit_code == exit_code, told.err
    assert said in told.err
    assert told.err.splitlines()[0].startswith("error: ")
    assert any(line.startswith("  fix  ") for line in told.err.splitlines())


def test_types_are_told_without_a_server(cli):
    told = cli("channels", "types")
    one = cli("channels", "types", "webhook")

    assert told.exit_code == one.exit_code == 0
    assert {"webhook", "telegram", "email", "discord", "browser"} <= {
        line.split()[0] for line in told.out.splitlines()
    }
    assert "url" in one.out


def test_a_telegram_account_can_be_linked_by_a_code(cli):
    told = cli("channels", "link", "telegram", "--json")

    assert told.exit_code == 0, told.err
    assert len(told.document["code"]) >= 22


def test_at_80_columns_what_matters_least_goes_first_and_no_row_wraps():
    row = [
        "c1c1",
        "demo receiver (simulated)",
        "webhook",
        "on",
        "yes",
        "http://127.0.0.1:40123/hook",
        "12:00:00",
    ]

    assert table_lines(CHANNEL_COLUMNS, [row], 80) == [
        "ID    NAME                       TYPE     STATE  DEFAULT",
        "c1c1  demo receiver (simulated)  webhook  on     yes",
    ]
