"""`stream`: the documents' commands word for word, and recordings there and back."""

import signal
import socket
import threading
import time

import pytest

from tests.cli.commands.conftest import SOON, first_line

MOCK = ["--provider", "mock", "--interval", "0.1"]


@pytest.fixture(scope="module")
def server(module_program):
    """A server of mock prices on a free port."""
    return first_line(module_program("stream", "start", "--no-dashboard", "--json", "--port", "0", *MOCK))


def test_monitor_prints_a_json_line_per_change(cli):
    told = cli(
        "stream", "monitor", "--symbols", "BTC,ETH/USDT", *MOCK, "--refresh", "0.2", "--duration", 2, "--json"
    )

    assert told.exit_code == 0
    assert {line["symbol"] for line in told.lines} == {"BTC", "ETH/USDT"}
    first = told.lines[0]
    assert first["market"] == "BTC/USDT"
    assert float(first["price"]) > 0
    assert isinstance(first["price"], str)
    assert first["simulated"] is True
    assert first["event_at"].endswith("Z")
    assert "\x1b" not in told.out


def test_monitor_prints_plain_lines_in_a_pipe_labelled_simulated(cli):
    told = cli("stream", "monitor", "--symbols", "BTC", *MOCK, "--refresh", "0.2", "--duration", 1.5)

    assert told.exit_code == 0
    lines = told.out.splitlines()
    assert lines
    assert all("BTC/USDT" in line and line.endswith("SIM") for line in lines)
    assert "\x1b" not in told.out


def test_monitor_of_no_symbols_has_nothing_to_show(cli):
    told = cli(
        "stream", "monitor", "--symbols", "", "--provider", "mock", "--refresh", "0.1", "--duration", 0.3
    )

    assert (told.exit_code, told.out) == (0, "")


def test_monitor_shows_a_real_protocol_from_a_simulated_venue(cli, market):
    told = cli("stream", "monitor", "--symbols", "BTC", "--refresh", "0.2", "--duration", 2, "--json")

    assert {line["source"] for line in told.lines} == {"binance"}


def test_monitor_falls_back_and_says_so(cli, market, monkeypatch):
    monkeypatch.setenv("CRYPTO_ANALYZER_EXCHANGES__BINANCE__WS_URL", "ws://127.0.0.1:1")

    told = cli("stream", "monitor", "--symbols", "BTC", "--refresh", "0.5", "--duration", 8, "--json")

    last = told.lines[-1]
    assert last["state"] == "fallback"
    assert last["source"] in ("coinbase", "kraken")
    assert "binance" in last["reason"]


@pytest.mark.parametrize(
    ("arguments", "what", "fix"),
    [
        (["--symbols", "BTCC"], "unknown symbol 'BTCC'; did you mean 'BTC'?", "stream monitor --symbols BTC"),
        (["--symbols", "BTC,%%"], "unknown symbol '%%'", "write it like BTC/USDT, BTCUSDT or BTC"),
        (
            ["--provider", "binanse"],
            "unknown exchange 'binanse'; did you mean 'binance'?",
            "--provider binance",
        ),
        (["--refesh", "1"], "unknown option '--refesh'; did you mean '--refresh'?", "--refresh 1"),
        (["--refresh", "0"], "invalid value for '--refresh'", "stream monitor --help"),
    ],
)
def test_bad_input_names_the_nearest_and_is_exit_2(cli, market, arguments, what, fix):
    told = cli("stream", "monitor", *arguments, "--quiet")

    assert told.exit_code == 2
    first, last = told.err.splitlines()[-2:]
    assert what in first
    assert fix in last


def test_ctrl_c_ends_the_monitor_within_a_second(program):
    process = program("stream", "monitor", "--symbols", "BTC", *MOCK, "--refresh", "0.1", "--json")
    process.stdout.readline()
    began = time.perf_counter()

    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=5) == 130
    assert time.perf_counter() - began < SOON


def test_status_of_a_running_server(cli, server):
    text = cli("stream", "status", "--port", server["port"])
    document = cli("stream", "status", "--port", server["port"], "--json").document

    assert text.exit_code == 0
    assert "mock" in text.out.lower() or "simulated" in text.out.lower()
    assert {"status", "connected_clients", "rooms", "uptime", "streams"} <= set(document)


def test_status_without_a_server_is_exit_4(cli):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    told = cli("stream", "status", "--port", port)

    assert told.exit_code == 4
    assert told.err.splitlines()[0] == f"error: no server answers at http://localhost:{port}"


def test_a_taken_port_is_exit_4_and_says_by_whom(cli, server):
    told = cli("stream", "start", "--no-dashboard", "--port", server["port"], *MOCK)

    assert told.exit_code == 4
    assert f"port {server['port']} on localhost is taken by" in told.err


def test_every_component_passes_and_is_measured(cli):
    told = cli("stream", "test", "--symbols", "BTC", "--interval", "0.1", "--duration", "0.5", "--json")

    assert told.exit_code == 0, told.out
    components = {each["name"]: each for each in told.document["components"]}
    assert set(components) == {
        "event bus", "stream manager", "price feed", "portfolio monitor", "websocket server"
    }  # fmt: skip
    assert all(each["passed"] and each["measured"] for each in components.values())


def test_a_recording_replays_to_what_was_recorded(cli, tmp_path):
    path = tmp_path / "btc.jsonl.gz"

    kept = cli("stream", "record", path, "--symbols", "BTC,ETH", *MOCK, "--duration", 1.5, "--json").document
    summary = cli("stream", "replay", path, "--json").document

    assert summary["frames"] == kept["frames"] > 5
    assert set(summary["symbols"]) == {"BTC/USDT", "ETH/USDT"}
    assert summary["malformed"] == {}
    assert summary["firings"] == []
    documented = {"trade", "ticker", "quote", "bar", "book", "control", "other"}
    assert documented <= set(summary["facts"])
    assert set(summary["symbols"]["BTC/USDT"]) == {
        "facts",
        "trades",
        "first",
        "last",
        "high",
        "low",
        "volume",
    }


def test_replay_is_the_same_twice_and_readable_as_text(cli, tmp_path):
    path = tmp_path / "btc.jsonl.gz"
    cli("stream", "record", "--out", path, "--symbols", "BTC", *MOCK, "--duration", 0.8)

    assert cli("stream", "replay", path, "--json").out == cli("stream", "replay", path, "--json").out
    text = cli("stream", "replay", path)
    assert "frames:" in text.out
    assert "100 %" in text.err


def test_replay_of_a_capture_counts_every_frame(cli, recorded_data):
    told = cli("stream", "replay", recorded_data / "ws" / "binance" / "spot_2021-08-14.cf1.gz", "--json")

    assert told.document["frames"] == 1003
    assert told.document["symbols"]["FTM/USDT"]["trades"] == 13


def test_interrupted_recording_says_what_was_kept(program, tmp_path):
    path = tmp_path / "btc.jsonl.gz"
    process = program("stream", "record", path, "--symbols", "BTC", *MOCK)
    time_out = time.monotonic() + 15
    while not (path.exists() and path.stat().st_size > 200) and time.monotonic() < time_out:
        threading.Event().wait(0.05)

    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=5)

    assert process.returncode == 130
    assert "frames" in out


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["replay", "gone.jsonl"], 3, "there is no file 'gone.jsonl'"),
        (["replay", "{empty}"], 2, "no recording"),
        (["replay", "{empty}", "--speed", "fast"], 2, "'fast' is no speed"),
        (["replay", "{empty}", "--exchange", "binanse"], 2, "did you mean 'binance'?"),
        (["replay"], 2, "missing argument"),
        (["record", "{empty}", "--symbols", "BTC", "--provider", "mock"], 2, "exists"),
        (["record", "x.gz", "--symbols", "", "--provider", "mock"], 2, "no symbols to record"),
        (["test", "--symbols", ""], 2, "no symbols to test"),
    ],
)
def test_what_cannot_be_recorded_or_replayed_is_named(cli, tmp_path, arguments, exit_code, said):
    empty = tmp_path / "empty.jsonl"
    empty.write_text("nonsense\n")

    told = cli("stream", *[each.format(empty=empty) for each in arguments])

    assert told.exit_code == exit_code
    assert said in told.err


def test_alerts_are_not_offered_before_they_exist(cli):
    assert cli("stream", "alert", "--symbol", "BTC").exit_code == 2
