"""`alerts` and `stream alert`: every command against a server, and those that need none."""

import json
from typing import Any

import pytest

from tests.cli.commands.conftest import Programs, first_line
from tests.fakes import NOON, SECOND

BREAKOUT = """\
version: 1
alerts:
  - name: btc breakout
    symbol: BTC/USDT
    condition: price crosses above 65000
    trigger: every_time
    cooldown: 0s
    rearm: {percent: 0.2}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def server(home):
    """A server of mock prices on a free port, with data that the commands find."""
    programs = Programs(XDG_DATA_HOME=str(home))
    yield first_line(
        programs("stream", "start", "--no-dashboard", "--json", "--port", "0", "--provider", "mock",
                 "--symbols", "BTC", "--interval", "0.1")
    )  # fmt: skip
    programs.end()


@pytest.fixture
def ask(cli, server, home, monkeypatch):
    """Call a command that finds the server, and return what it told as JSON."""
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    monkeypatch.setenv("CRYPTO_ANALYZER_PROVIDER", "mock")

    def call(*arguments, exit_code=0):
        told = cli(*arguments, "--json")
        assert told.exit_code == exit_code, told.err
        return json.loads(told.out) if told.out else told.err

    return call


def test_an_alert_lives_from_add_to_remove(ask):
    made = ask(
        "alerts", "add", "--symbol", "BTC", "--condition", "price > 1e9", "--name", "life", "--tag", "x"
    )
    beginning = made["id"][:12]

    assert (made["symbols"], made["state"]) == (["BTC/USDT"], "armed")
    assert ask("alerts", "show", beginning)["name"] == "life"
    assert [each["name"] for each in ask("alerts", "list", "--tag", "x")["alerts"]] == ["life"]
    edited = ask("alerts", "edit", "life", "--condition", "price > 2e9", "--cooldown", "0s")
    assert (edited["condition"], edited["cooldown_seconds"], edited["tags"]) == ("price > 2e9", 0.0, ["x"])
    assert ask("alerts", "pause", "life")["state"] == "paused"
    assert ask("alerts", "resume", "life")["state"] in ("armed", "warming")
    holds = None
    while holds is None:  # unknown until the next price
        holds = ask("alerts", "explain", "life")["explanations"][0]["holds"]
    assert holds is False
    assert ask("alerts", "test", "life")["sent"] == []
    assert "restore_until" in ask("alerts", "remove", "life", "--yes")
    assert "no alert 'life'" in ask("alerts", "show", "life", exit_code=3)


def test_stream_alert_sets_one_that_fires(ask, server):
    host, port = "localhost", server["port"]
    made = ask("stream", "alert", "--symbol", "BTC", "--condition", "price > 1", "--message", "look",
               "--host", host, "--port", port)  # fmt: skip

    fired: list[dict[str, Any]] = []
    while not fired:
        fired = ask("alerts", "firings", made["id"])["firings"]
    assert (fired[0]["symbol"], fired[0]["message"]) == ("BTC/USDT", "look")
    assert ask("alerts", "firings", "--limit", "1")["firings"]


def test_a_file_is_validated_planned_applied_and_exported(ask, cli, tmp_path):
    file = tmp_path / "alerts.yaml"
    file.write_text(BREAKOUT)

    assert ask("alerts", "validate", file) == {"valid": True, "alerts": 1}
    assert [
        each["action"] for each in ask("alerts", "plan", file)["steps"] if each["name"] == "btc breakout"
    ] == ["create"]
    assert ask("alerts", "apply", file)["applied"] == 1
    assert ask("alerts", "apply", file)["applied"] == 0
    exported = tmp_path / "exported.yaml"
    exported.write_text(cli("alerts", "export").out)
    assert ask("alerts", "apply", exported)["applied"] == 0


def test_silences_come_and_go(ask):
    made = ask("alerts", "silence", "add", "--tag", "night", "--for", "1h")

    assert [each["id"] for each in ask("alerts", "silence", "list")["silences"]] == [made["id"]]
    ask("alerts", "silence", "end", made["id"])
    assert ask("alerts", "silence", "list")["silences"] == []


def test_the_server_refuses_in_its_own_words_and_nothing_is_made(ask):
    told = ask(
        "alerts", "add", "--symbol", "BTC", "--condition", "price > 1", "--trigger", "sometimes", exit_code=2
    )

    assert "trigger" in told
    assert "sometimes" in told


def test_a_condition_that_cannot_be_read_is_shown_with_its_place(cli):
    told = cli("alerts", "add", "--symbol", "BTC", "--condition", "price crosses abov 50000")

    assert told.exit_code == 2
    lines = told.err.splitlines()
    assert lines[0] == "error: the condition cannot be read"
    assert lines[1] == "  price crosses abov 50000"
    assert lines[2].startswith("                ^^^^ ")
    assert lines[-1].startswith("  fix  ")


def test_without_a_server_alerts_are_kept_and_only_what_needs_prices_is_refused(cli, tmp_path, monkeypatch):
    monkeypatch.setenv("CRYPTO_ANALYZER_DATA_DIR", str(tmp_path))
    made = cli("alerts", "add", "--symbol", "BTC", "--condition", "price > 1", "--name", "kept")
    listed = cli("alerts", "list", "--json")

    assert (made.exit_code, listed.exit_code) == (0, 0)
    assert "no server runs: nothing is judged or sent until one starts" in made.err
    assert [each["name"] for each in listed.document["alerts"]] == ["kept"]
    for arguments in (
        ["alerts", "test", "kept"],
        ["alerts", "backtest", "--symbol", "BTC", "--condition", "price > 1"],
        ["stream", "alert", "--symbol", "BTC", "--condition", "price > 1", "--port", "9"],
    ):
        told = cli(*arguments)
        assert told.exit_code == 4, told.err
        assert "fix  crypto-analyzer start" in told.err


def test_a_backtest_of_a_file_needs_no_server(cli, tmp_path):
    rows = [f"{NOON // SECOND + at * 60},{100 + at},{100 + at},{100 + at},{100 + at},1" for at in range(10)]
    file = tmp_path / "btc.csv"
    file.write_text("\n".join(["timestamp,open,high,low,close,volume", *rows]))

    told = cli("alerts", "backtest", "--condition", "price crosses above 105", "--bars", file, "--json")

    assert (told.exit_code, told.document["count"], told.document["bars"]) == (0, 1, 10)
    assert told.document["firings"][0]["approximated"] is True
    assert told.document["firings"][0]["price"] == "106"


def test_a_backtest_is_drawn_into_a_file(cli, tmp_path):
    rows = [f"{NOON // SECOND + at * 60},{100 + at},{100 + at},{100 + at},{100 + at},1" for at in range(10)]
    file, picture = tmp_path / "btc.csv", tmp_path / "btc.svg"
    file.write_text("\n".join(["timestamp,open,high,low,close,volume", *rows]))
    asked = ["--condition", "price crosses above 105", "--bars", file, "--json", "--picture"]

    told = cli("alerts", "backtest", *asked, picture)
    refused = cli("alerts", "backtest", *asked, tmp_path / "btc.png")

    assert (told.exit_code, told.document["count"]) == (0, 1)
    assert picture.read_text().count('class="mark"') == 1
    assert (refused.exit_code, refused.out) == (2, "")


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["backtest"], 2, "no condition"),
        (["backtest", "--condition", "price > 1"], 2, "no bars to ask"),
        (["backtest", "--condition", "price > 1", "--bars", "none.csv"], 3, "there is no file"),
        (
            ["backtest", "--condition", "price > 1", "--sweep", "5", "--bars", "BARS"],
            2,
            "no range of thresholds",
        ),
        (["backtest", "--condition", "price > 1", "--bars", "BAD"], 2, "line 2: high 1 is below low 3"),
        (["add"], 2, "no condition"),
        (["edit", "x"], 2, "nothing to change"),
        (["silence", "add"], 2, "nothing to match"),
        (["validate", "none.yaml"], 3, "there is no file"),
        (["validate", "BAD"], 2, "line 1, column 1"),
    ],
)
def test_what_is_missing_or_wrong_is_named(cli, tmp_path, arguments, exit_code, said):
    head = "timestamp,open,high,low,close,volume\n"
    (tmp_path / "BARS").write_text(head + "1795176000,1,1,1,1,1\n1795176060,1,1,1,1,1\n")
    (tmp_path / "BAD").write_text(head + "1795176000,2,1,3,2,1\n1795176060,1,1,1,1,1\n")
    given = [tmp_path / each if each in ("BARS", "BAD") else each for each in arguments]

    told = cli("alerts", *given)

    assert told.exit_code == exit_code
    assert said in told.err
    assert "  fix  " in told.err


def test_a_replay_with_alerts_ends_with_their_firings(cli, tmp_path, recorded_data):
    file = tmp_path / "alerts.yaml"
    file.write_text("version: 1\nalerts:\n  - {name: any, symbol: '*', condition: price > 0}\n")
    capture = recorded_data / "ws/binance/spot_2021-04-04_BTC-ETH-DOT.cf1.gz"

    told = cli("stream", "replay", capture, "--alerts", file, "--json")

    traded = sorted(symbol for symbol, each in told.document["symbols"].items() if each["trades"])
    assert sorted(each["symbol"] for each in told.document["firings"]) == traded
    assert set(told.document["firings"][0]) == {
        "alert", "symbol", "event_at", "price", "late", "approximated", "values"
    }  # fmt: skip
    assert "FIRED (UTC)" in cli("stream", "replay", capture, "--alerts", file).out


def test_a_fault_in_the_file_of_a_replay_is_told_with_its_line(cli, tmp_path, recorded_data):
    file = tmp_path / "alerts.yaml"
    file.write_text("version: 1\nalerts:\n  - {name: any, symbol: BTC, conditon: price > 0}\n")

    told = cli("stream", "replay", recorded_data / "ws/binance/us_2021-10-12.cf1.gz", "--alerts", file)

    assert told.exit_code == 2
    assert "line 3, column 30: alerts[0].conditon: is no field of an alert" in told.err
    assert "did you mean 'condition'?" in told.err
    assert "%" not in told.err, "it is told before anything is replayed"
