"""`demo`: a simulated market, the real program, a link that logs in once."""

import json
import re
import shlex
import signal
import socket
import time
import tomllib
import urllib.request
from pathlib import Path

import pytest

from crypto_portfolio_analyzer.cli.commands.demo import forget, write_market
from crypto_portfolio_analyzer.cli.demo_alerts import EXAMPLES
from crypto_portfolio_analyzer.cli.failures import Failed
from crypto_portfolio_analyzer.settings import load
from tests.cli.commands.conftest import SOON, Programs, first_line

LESSON = Path(__file__).parents[3] / "docs" / "tutorials" / "first-alert.md"


@pytest.fixture(scope="module")
def demo(module_program):
    """A demo on a free port; its first line."""
    return first_line(module_program("demo", "--port", "0", "--json"))


def test_the_first_address_printed_logs_in_once(demo):
    told = demo

    assert told["simulated"] is True
    assert told["login_url"].startswith(f"http://localhost:{told['port']}/login?code=")
    with urllib.request.urlopen(told["url"] + "/status", timeout=5) as answer:
        status = json.load(answer)
    assert status["simulated"] is True
    assert {feed["venue"] for feed in status["feeds"]} == {"binance", "coinbase", "kraken"}


def test_the_same_market_can_be_watched_from_a_terminal(demo, cli):
    told = cli("--config", demo["config"], "stream", "monitor", "--symbols", "BTC", "--duration", 2, "--json")

    assert told.lines[-1]["simulated"] is True
    assert told.lines[-1]["source"] == "binance"


def test_it_begins_with_alerts(demo, cli):
    told = cli("--config", demo["config"], "alerts", "list", "--tag", "demo", "--json")

    states = [alert["state"] for alert in told.document["alerts"]]
    assert len(states) == len(EXAMPLES)
    assert states.count("paused") == 1
    assert "error" not in states


def test_the_first_lesson_about_alerts_works_as_written(demo, cli):
    lines = re.findall(r"^\./run\.sh --config \S+ (alerts .+)$", LESSON.read_text(), re.MULTILINE)

    assert [line.split()[1] for line in lines] == ["add", "firings", "explain"]
    for line in lines:
        told = cli("--config", demo["config"], *shlex.split(line))
        assert told.exit_code == 0, told.err


def test_prices_move(demo):
    deadline = time.monotonic() + 15
    seen: set[int] = set()
    while len(seen) < 2 and time.monotonic() < deadline:
        with urllib.request.urlopen(demo["url"] + "/status", timeout=5) as answer:
            seen.add(sum(feed["facts"] for feed in json.load(answer)["feeds"]))

    assert len(seen) > 1


def test_another_free_port_is_taken_if_the_usual_one_is_busy(program, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        monkeypatch.setenv("CRYPTO_ANALYZER_PORT", str(port))
        told = first_line(program("demo", "--json"))

    assert told["port"] > port


def test_a_port_that_was_asked_for_and_is_taken_is_exit_4(cli):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        told = cli("demo", "--port", busy.getsockname()[1])

    assert told.exit_code == 4


@pytest.fixture(scope="module")
def fresh_demo(tmp_path_factory):
    """A demo for people, on data that another left; its process, its first line, and what was left."""
    data = tmp_path_factory.mktemp("fresh")
    left = data / "crypto-analyzer" / "demo" / "left"
    left.parent.mkdir(parents=True)
    left.touch()
    programs = Programs(XDG_DATA_HOME=str(data))
    process = programs("demo", "--port", "0", "--fresh")
    assert process.stdout is not None
    yield process, process.stdout.readline(), left
    programs.end()


def test_the_first_line_says_simulated_and_holds_the_first_address(fresh_demo):
    _, first, _ = fresh_demo

    assert first.startswith("SIMULATED market. Dashboard: http://localhost:")


def test_fresh_forgets_what_earlier_demos_kept(fresh_demo):
    _, _, left = fresh_demo

    assert not left.exists()


def test_ctrl_c_ends_it_soon(fresh_demo):
    process, _, _ = fresh_demo
    began = time.perf_counter()

    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=5) == 130
    assert time.perf_counter() - began < SOON


def test_the_data_of_a_running_demo_are_not_forgotten(demo):
    folder = Path(demo["config"]).parent

    with pytest.raises(Failed, match="a demo runs on these data"):
        forget(folder)

    assert folder.exists()


def test_settings_for_other_commands_point_to_the_simulated_venues(tmp_path):
    path = write_market(tmp_path, {"exchanges.binance.ws_url": "ws://127.0.0.1:9"})

    settings = load(env={}, file=path)

    assert tomllib.loads(path.read_text())["simulated"] is True
    assert settings.exchange("binance").ws_url == "ws://127.0.0.1:9"


def test_a_fault_that_cannot_be_understood_is_exit_2(cli):
    told = cli("demo", "--fault", "at=5s clsoe=1006")

    assert told.exit_code == 2
    assert "did you mean 'close'?" in told.err
