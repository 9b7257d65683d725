"""`bots`: templates and previews without a server, and an echo that verifies what it is sent."""

import json
import signal
import urllib.request
from datetime import UTC, datetime
from urllib.error import HTTPError

import pytest
from standardwebhooks import Webhook

from crypto_portfolio_analyzer.clock import SystemClock
from tests.cli.commands.conftest import SOON, first_line

SECRET = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="  # of this test only


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Data of its own, and no server."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def test_templates_are_told_without_a_server(cli):
    told = cli("bots", "templates", "--json")
    one = cli("bots", "templates", "octobot")
    unknown = cli("bots", "templates", "octobt")

    names = {each["name"] for each in told.document["templates"]}
    assert {"threecommas", "octobot", "traderspost", "hummingbot", "cornix", "freqtrade"} <= names
    assert "SYMBOL=" in one.out
    assert (unknown.exit_code, "did you mean 'octobot'" in unknown.err) == (2, True)


def test_nothing_trades_until_a_channel_does(cli):
    told = cli("bots", "list")

    assert (told.exit_code, told.out) == (0, "no channel trades yet\n")


def test_a_preview_speaks_the_bots_own_words(cli):
    url = "https://example.org/hook"
    cli(
        "channels",
        "add",
        "bot",
        "--url",
        url,
        "--name",
        "octo",
        "--option",
        "bot=octobot",
        "--option",
        "action=enter_long",
    )
    told = cli("bots", "preview", "--channel", "octo", "--symbol", "BTC/USDT", "--condition", "price > 65000")

    assert told.exit_code == 0, told.err
    assert "SIGNAL=BUY" in told.out
    assert "SYMBOL=" in told.out
    assert "nothing was sent" in told.err


@pytest.fixture
def echo(program, home):
    """An echo that verifies signatures; its process and first line."""
    (home / "secret.txt").write_text(SECRET + "\n")
    process = program("bots", "echo", "--port", "0", "--secret-file", str(home / "secret.txt"), "--json")
    return process, first_line(process)


def test_the_echo_verifies_and_says_what_a_bot_would_do(echo):
    process, listening = echo
    order = {"id": "f1_c1", "action": "enter_long", "symbol": "BTC/USDT", "amount": "0.1", "ttl_seconds": 60}
    now = datetime.fromtimestamp(SystemClock().now() // 10**9, UTC)
    body = json.dumps({"type": "order.requested", "timestamp": now.isoformat(), "data": order})

    good = send(listening["url"], body, Webhook(SECRET).sign("msg_1", now, body), now)
    bad = send(listening["url"], body, "v1,AAAA", now)
    told = [first_line(process), first_line(process)]

    assert (good, bad) == (200, 401)
    assert told[0]["text"].startswith("would buy")
    assert told[0]["signal"]["symbol"] == "BTC/USDT"
    assert "signature does not verify" in told[1]["text"]


def test_ctrl_c_ends_the_echo(echo):
    process, listening = echo

    process.send_signal(signal.SIGINT)

    assert listening["verifies"] is True
    assert process.wait(timeout=SOON) == 130


def test_a_port_that_is_taken_is_exit_4(echo, cli):
    told = cli("bots", "echo", "--port", echo[1]["port"])

    assert told.exit_code == 4
    assert "choose another with --port" in told.err


def send(url: str, body: str, signature: str, at: datetime) -> int:
    """Post a webhook; return the status."""
    headers = {
        "content-type": "application/json",
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }
    request = urllib.request.Request(url, data=body.encode(), headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=SOON) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code
