"""`start`: the platform in one process."""

import urllib.request

import pytest

from crypto_portfolio_analyzer.cli.commands.start import checked_roles
from tests.cli.commands.conftest import first_line


def test_it_serves_and_is_found_by_other_commands(program, cli):
    process = program("start", "--port", "0", "--provider", "mock", "--symbols", "BTC", "--json")
    told = first_line(process)

    with urllib.request.urlopen(told["url"] + "/health", timeout=5) as answer:
        assert answer.status == 200
    status = cli("stream", "status", "--port", told["port"], "--json").document
    assert status["status"] in ("running", "degraded")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--roles", "feed,apj"], "did you mean 'api'?"),
        (["--roles", "feed"], "this version runs feed and api in one process"),
        (["--port", "99999"], "--port"),
        (["--provider", "krakn"], "did you mean 'kraken'?"),
        (["--tls-cert", "gone.pem"], "tls-cert"),
    ],
)
def test_what_cannot_be_started_is_exit_2(cli, options, said):
    told = cli("start", *options)

    assert told.exit_code == 2
    assert said in told.err


def test_auth_off_is_refused_unless_bound_to_loopback(cli, monkeypatch):
    monkeypatch.setenv("CRYPTO_ANALYZER_AUTH", "off")

    told = cli("start", "--host", "0.0.0.0")

    assert told.exit_code == 2
    assert "would let everybody in" in told.err


def test_roles_of_later_versions_are_known():
    assert checked_roles("feed, engine,api") == {"feed", "engine", "api"}
