"""Failures: one line that says what, a fix to paste, the exit code of the contract."""

import pytest
import typer

from crypto_portfolio_analyzer import errors
from crypto_portfolio_analyzer.cli.failures import Failed, Problem, corrected, problems

ARGV = ["stream", "monitor", "--symbols", "BTC", "--provider", "binanse"]


@pytest.mark.parametrize(
    ("error", "exit_code", "said"),
    [
        (errors.ConfigError("port", "'x' is no number", "give one"), 2, "port 'x' is no number"),
        (errors.InvalidInput("the price is missing"), 2, "the price is missing"),
        (errors.InvalidSymbol("%%"), 2, "unknown symbol '%%'"),
        (errors.UnknownName("exchange", "zzz", ["binance"]), 2, "unknown exchange 'zzz'; known: binance"),
        (errors.NotFound("stream", "x"), 3, "no stream 'x'"),
        (errors.InvalidInput("x.db exists; choose another name"), 2, "x.db exists"),
        (errors.ConnectionLost("ws://h", "refused"), 4, "ws://h: refused"),
        (
            errors.PortTaken("localhost", 8000, "pid 7 (python)"),
            4,
            "port 8000 on localhost is taken by pid 7 (python)",
        ),
        (errors.StorageUnavailable("cannot reach it"), 4, "cannot reach it"),
        (TimeoutError(), 5, "it took too long"),
        (errors.StorageError("broken"), 1, "broken"),
        (FileNotFoundError(2, "gone", "/nowhere/x.jsonl"), 3, "there is no file '/nowhere/x.jsonl'"),
        (PermissionError(13, "denied", "/x"), 1, "cannot use the file '/x'"),
        (Failed("the test failed", "look", exit_code=1), 1, "the test failed"),
        (ExceptionGroup("several", [errors.NotFound("stream", "x")]), 3, "no stream 'x'"),
    ],
)
def test_each_error_has_its_sentence_and_exit_code(error, exit_code, said):
    (problem,) = problems(error, ARGV)

    assert problem.what == said
    assert problem.exit_code == exit_code
    assert problem.lines()[-1].startswith("  fix  ")


def test_unknown_name_is_corrected_in_the_command_line():
    (problem,) = problems(errors.UnknownName("exchange", "binanse", ["binance", "kraken"]), ARGV)

    assert problem.what == "unknown exchange 'binanse'; did you mean 'binance'?"
    assert problem.fix == "crypto-analyzer stream monitor --symbols BTC --provider binance"


@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        (["--provider=binanse"], "crypto-analyzer --provider=binance"),
        (["--exchange", "kraken,binanse"], "crypto-analyzer --exchange kraken,binance"),
        (["--exchange=kraken,binanse"], "crypto-analyzer --exchange=kraken,binance"),
        (["say", "two words"], "crypto-analyzer say 'two words'"),
    ],
)
def test_only_the_wrong_word_is_replaced(argv, shown):
    assert corrected(argv, "binanse", "binance") == shown


def test_settings_tell_every_fault():
    faults = errors.ConfigFaults(
        [errors.ConfigError("a", "is bad", "x"), errors.ConfigError("b", "is worse", "y")]
    )

    assert [problem.what for problem in problems(faults, [])] == ["a is bad", "b is worse"]


def test_a_file_that_is_missing_names_one_like_it(tmp_path):
    (tmp_path / "btc.jsonl").touch()

    (problem,) = problems(FileNotFoundError(2, "gone", str(tmp_path / "btx.jsonl")), [])

    assert problem.fix == str(tmp_path / "btc.jsonl")


def test_hostile_text_in_an_error_stays_harmless():
    lines = Problem("a\x1b[2J\nb", "c", 1, where=("d\x9b",), why="e\u202e").lines()

    assert lines == ["error: a\\x1b[2J\\nb", "  d\\x9b", "  why  e\\u202e", "  fix  c"]


def test_the_remedy_of_a_message_becomes_the_fix():
    (problem,) = problems(errors.InvalidInput("x.db exists; choose another name"), [])

    assert problem.fix == "choose another name"


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        (["db", "backup", "x.db"], "crypto-analyzer db backup --help"),
        (["doctor", "--json"], "crypto-analyzer doctor --help"),
        ([], "crypto-analyzer --help"),
    ],
)
def test_a_message_without_a_remedy_points_to_the_help_of_its_command(argv, command):
    (problem,) = problems(errors.InvalidInput("no"), argv)

    assert problem.fix == command


def test_a_bug_is_not_explained_away():
    assert problems(KeyError("x"), []) == []


def test_usage_errors_point_to_the_help():
    (problem,) = problems(typer.BadParameter("-3 is too small", param_hint="--port"), [])

    assert problem == Problem("invalid value for --port: -3 is too small", "crypto-analyzer --help", 2)


def test_a_condition_is_shown_with_the_place_of_its_fault_and_the_fix():
    error = errors.InvalidCondition(
        "price crosses abov 5", 14, 18, "unknown word 'abov'", "price crosses above 5"
    )

    (problem,) = problems(error, [])

    assert problem.lines() == [
        "error: the condition cannot be read",
        "  price crosses abov 5",
        "                ^^^^ unknown word 'abov'",
        "  fix  price crosses above 5",
    ]
    assert problem.exit_code == 2


def test_every_field_that_cannot_be_used_is_listed_and_too_many_are_counted():
    faults = [errors.Fault(f"alerts[{n}].name", "is missing\nhere", "give one") for n in range(60)]

    (problem,) = problems(errors.InvalidFields(faults), [])

    assert problem.what == "60 fields cannot be used"
    assert problem.where[:3] == ("alerts[0].name: is missing", "  here", "  give one")
    assert problem.where[-1] == "and 10 more"
