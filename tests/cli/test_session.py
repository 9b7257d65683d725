"""Sessions: settings are read with the flags first, and the log speaks accordingly."""

import logging

import pytest
import typer

from crypto_portfolio_analyzer.cli.session import Session, session
from crypto_portfolio_analyzer.errors import ConfigFaults


@pytest.fixture
def levels():
    before = logging.getLogger("crypto_portfolio_analyzer").level
    yield lambda: logging.getLogger("crypto_portfolio_analyzer").level
    logging.getLogger("crypto_portfolio_analyzer").setLevel(before)


def test_settings_take_flags_before_the_file(tmp_path):
    path = tmp_path / "trial.toml"
    path.write_text('port = 1\nhost = "127.0.0.1"')

    settings = Session(config=path).settings({"port": 2})

    assert (settings.port, settings.host) == (2, "127.0.0.1")


def test_faulty_settings_are_refused(monkeypatch):
    monkeypatch.setenv("CRYPTO_ANALYZER_PORT", "many")

    with pytest.raises(ConfigFaults):
        Session().settings()


@pytest.mark.parametrize(
    ("options", "level"),
    [({}, logging.INFO), ({"verbose": True}, logging.DEBUG), ({"quiet": True}, logging.ERROR)],
)
def test_the_log_of_what_serves_follows_the_global_options(options, level, levels):
    Session(**options).settings(serves=True)

    assert levels() == level


def test_other_commands_log_warnings_unless_the_settings_say_more(levels, monkeypatch):
    Session().settings()
    assert levels() == logging.WARNING

    monkeypatch.setenv("CRYPTO_ANALYZER_LOG_LEVEL", "info")
    Session().settings()
    assert levels() == logging.INFO


def test_a_context_without_a_session_gets_one():
    command = typer.main.get_command(typer.Typer(callback=lambda: None, invoke_without_command=True))

    assert session(typer.Context(command)) == Session()
