"""The examples run, as their first lines say, against the mock market, a simulated venue, a server of ours."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "streaming"


def run(name, *arguments, **environment):
    """Run an example to its end and return what it printed."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
        env=os.environ | environment,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_all_four_are_there_and_say_how_to_run_them():
    names = {path.name for path in EXAMPLES.glob("*.py")}

    assert names == {
        "basic_monitoring.py",
        "custom_alerts.py",
        "portfolio_tracking.py",
        "websocket_client.py",
    }
    assert all(f"python examples/streaming/{name}" in (EXAMPLES / name).read_text() for name in names)


def test_basic_monitoring_prints_prices_of_every_symbol():
    lines = run("basic_monitoring.py", "--symbols", "BTC,ETH", "--seconds", 2.5)

    assert {line.split()[1] for line in lines[:-1]} == {"BTC", "ETH"}
    assert lines[-1].startswith("mock: connected")


def test_portfolio_tracking_adds_up_its_holdings():
    lines = run("portfolio_tracking.py", "--holdings", "BTC=2.0,ETH=10", "--seconds", 2.5)

    assert any(line.startswith("total ") and "missing" not in line for line in lines)
    assert [line.split()[0] for line in lines[-2:]] == ["BTC:", "ETH:"]


def test_custom_alerts_fire_on_the_event_bus():
    lines = run("custom_alerts.py", "--symbol", "BTC", "--move", 0.00001, "--seconds", 3)

    assert any("ALERT BTC moved by" in line for line in lines)
    assert lines[-1].endswith("0 dropped")


@pytest.fixture
def server():
    """A server of prices on a free port; its WebSocket address."""
    command = [
        sys.executable,
        "-m",
        "crypto_portfolio_analyzer.cli.main",
        "stream",
        "start",
        "--no-dashboard",
        "--json",
    ]
    options = ["--port", "0", "--provider", "mock", "--symbols", "BTC,ETH", "--interval", "0.2"]
    process = subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    port = json.loads(process.stdout.readline())["port"]
    yield f"ws://localhost:{port}/ws"
    process.terminate()
    process.communicate(timeout=10)


def test_websocket_client_follows_the_prices_room(server):
    lines = run("websocket_client.py", "--url", server, "--symbols", "BTC", "--count", 4)

    assert len(lines) == 4
    assert all(line.split()[1] in ("BTC:", "ETH:") and "$" in line for line in lines)
