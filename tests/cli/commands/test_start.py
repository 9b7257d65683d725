"""`start`: the platform in one process."""

import asyncio
import json
import urllib.request

import pytest

from crypto_portfolio_analyzer.cli.commands.start import checked_roles
from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
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
        (["--roles", "feed"], "feed, engine, api run in one process"),
        (["--roles", "delivery"], "needs a database that several can share"),
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


def document(process):
    """Return what a program says until it ends."""
    return json.loads(process.communicate(timeout=20)[0])


async def test_a_worker_of_its_own_delivers_what_another_process_decides(
    program, postgres_database, monkeypatch
):
    monkeypatch.setenv("CRYPTO_ANALYZER_DATABASE_URL", postgres_database)
    monkeypatch.setenv("CRYPTO_ANALYZER_WEBHOOKS__ALLOWED_NETWORKS", "127.0.0.1")
    async with WebhookReceiver() as receiver:
        server = program(
            *("start", "--roles", "feed,engine,api", "--port", "0"),
            *("--provider", "mock", "--symbols", "BTC", "--json"),
        )
        await asyncio.to_thread(first_line, server)
        told = await asyncio.to_thread(first_line, program("start", "--roles", "delivery", "--json"))
        made = await asyncio.to_thread(
            document, program("channels", "add", "webhook", "--url", receiver.hook_url, "--json")
        )
        receiver.secrets.append(made["secret"])
        alert = ("--symbol", "BTC", "--condition", "price > 0", "--channel", made["name"])
        await asyncio.to_thread(document, program("alerts", "add", *alert, "--json"))
        async with asyncio.timeout(20):
            await receiver.wait(1)

    assert told["roles"] == ["delivery"]
    assert [json.loads(each.body)["type"] for each in receiver.received] == ["alert.fired"]
