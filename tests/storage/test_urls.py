"""Tests of storage/urls.py."""

from pathlib import Path

import pytest

from crypto_portfolio_analyzer.errors import ConfigError
from crypto_portfolio_analyzer.storage.urls import is_sqlite, parse_url, shown, sqlite_path


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+aiosqlite"])
def test_sqlite_is_a_file(scheme):
    url = parse_url(f"{scheme}:////var/lib/analyzer.db")

    assert is_sqlite(url)
    assert (url.drivername, sqlite_path(url)) == ("sqlite+aiosqlite", Path("/var/lib/analyzer.db"))


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_plain_schemes_get_our_driver(scheme):
    assert parse_url(f"{scheme}://u:p@h:5433/d").drivername == "postgresql+asyncpg"


def test_home_is_understood(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")

    assert sqlite_path(parse_url("sqlite:///~/analyzer.db")) == Path("/home/ada/analyzer.db")


def test_sslmode_is_understood():
    assert dict(parse_url("postgres://h/d?sslmode=require").query) == {"ssl": "require"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("mysql://h/d", "unknown scheme 'mysql'"),
        ("postgresql+psycopg://h/d", "unknown scheme 'postgresql+psycopg'"),
        ("analyzer.db", "not a database URL"),
        ("", "not a database URL"),
        ("postgres://h:port/d", "not a database URL"),
        ("sqlite://", "SQLite wants a file"),
        ("sqlite:///:memory:", "SQLite wants a file"),
        ("sqlite:///a.db?mode=ro", "SQLite wants a file"),
        ("postgres://h", "no database named"),
        ("postgres://h/d?sslmod=require", "unknown option 'sslmod'"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_remedy(text, problem):
    with pytest.raises(ConfigError) as refusal:
        parse_url(text)

    assert str(refusal.value).startswith(f"database_url: {problem}")
    assert refusal.value.remedy


def test_password_is_never_shown():
    assert "secret" not in shown(parse_url("postgres://ada:secret@h/d"))
