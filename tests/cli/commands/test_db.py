"""`db`: upgrade, look, copy, put back; nothing is lost without a yes."""

import sqlite3

import pytest

from crypto_portfolio_analyzer.storage.schema import head


@pytest.fixture
def database(tmp_path):
    """The file of the default database."""
    return tmp_path / "xdg-data" / "crypto-analyzer" / "analyzer.db"


def test_upgrade_makes_the_newest_schema_and_is_done_when_called_again(cli, database):
    assert cli("db", "upgrade", "--json").document == {"before": None, "after": head()}
    assert cli("db", "upgrade", "--json").document == {"before": head(), "after": head()}
    assert database.exists()


def test_current_says_what_is_there_and_what_is_newest(cli):
    assert cli("db", "current").out.startswith("empty")
    cli("db", "upgrade")

    shown = cli("db", "current", "--json").document

    assert shown["current"] == shown["newest"] == head()


def test_a_backup_can_be_restored(cli, database, tmp_path):
    cli("db", "upgrade")
    copy = tmp_path / "copy.db"

    assert cli("db", "backup", copy, "--json").document["bytes"] == copy.stat().st_size
    with sqlite3.connect(database) as damaged:
        damaged.execute("drop table bars")
    damaged.close()
    assert cli("db", "restore", copy, "--yes").exit_code == 0

    with sqlite3.connect(database) as mended:
        assert mended.execute("select count(*) from bars").fetchone() == (0,)
    mended.close()


def test_a_backup_never_overwrites(cli, tmp_path):
    cli("db", "upgrade")
    copy = tmp_path / "copy.db"
    copy.touch()

    told = cli("db", "backup", copy)

    assert told.exit_code == 2
    assert told.err.splitlines()[1] == "  fix  choose another name or remove it"


@pytest.mark.parametrize("command", [["downgrade", "base"], ["restore"]])
def test_what_destroys_asks_and_names_the_flag_when_nobody_answers(cli, tmp_path, command):
    copy = tmp_path / "copy.db"
    cli("db", "upgrade")
    cli("db", "backup", copy)

    told = cli("db", *command, *([copy] if command == ["restore"] else []))

    assert told.exit_code == 2
    assert told.err.splitlines()[-1].endswith("--yes")


def test_downgrade_goes_back_with_a_yes(cli):
    cli("db", "upgrade")

    assert cli("db", "downgrade", "base", "--yes", "--json").document == {"before": head(), "after": None}


def test_an_unknown_revision_names_the_known(cli):
    cli("db", "upgrade")

    told = cli("db", "downgrade", "9999", "--yes")

    assert told.exit_code == 2
    assert head() in told.err


def test_a_missing_copy_is_not_found(cli, tmp_path):
    told = cli("db", "restore", tmp_path / "gone.db", "--yes")

    assert told.exit_code == 3


def test_a_database_out_of_reach_is_exit_4(cli, monkeypatch):
    monkeypatch.setenv("CRYPTO_ANALYZER_DATABASE_URL", "postgresql://me:hush@127.0.0.1:1/x")

    told = cli("db", "upgrade")

    assert told.exit_code == 4
    assert "hush" not in told.err
