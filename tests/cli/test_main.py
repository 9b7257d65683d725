"""The entry: global options anywhere, errors in one line, tracebacks only on request."""

import resource
import subprocess
import sys

import pytest

from crypto_portfolio_analyzer import __version__
from crypto_portfolio_analyzer.cli import main as subject
from crypto_portfolio_analyzer.cli.failures import Interrupted
from crypto_portfolio_analyzer.cli.main import globals_first, run

PROGRAM = [sys.executable, "-m", "crypto_portfolio_analyzer.cli.main"]


def test_version_is_the_packages(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"crypto-analyzer {__version__}\n"


def test_nothing_typed_shows_the_help(capsys):
    assert run([]) == 2
    assert capsys.readouterr().out.startswith("Usage: crypto-analyzer")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        (["--verbos"], "error: unknown option '--verbos'; did you mean '--verbose'?"),
        (["config", "show", "--jsno"], "error: unknown option '--jsno'; did you mean '--json'?"),
        (["config", "show", "--nothing-like-it"], "error: unknown option '--nothing-like-it'; known: --json"),
        (["config", "show", "extra"], "error: got unexpected extra argument(s) (extra)"),
        (["--config"], "error: option '--config' requires an argument"),
    ],
)
def test_wrong_usage_is_one_line_a_fix_and_exit_2(typed, first, capsys):
    assert run(typed) == 2

    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert lines[0].startswith(first)
    assert lines[1].startswith("  fix  crypto-analyzer")
    assert len(lines) == 2
    assert said.out == ""


@pytest.mark.parametrize(
    ("typed", "ordered"),
    [
        (["config", "show", "--verbose"], ["--verbose", "config", "show"]),
        (["config", "--config", "x.toml", "show"], ["--config", "x.toml", "config", "show"]),
        (["config", "--config=x.toml", "show", "--quiet"], ["--config=x.toml", "--quiet", "config", "show"]),
        (["a", "--", "--verbose"], ["a", "--", "--verbose"]),
    ],
)
def test_global_options_may_stand_anywhere(typed, ordered):
    assert globals_first(typed) == ordered


@pytest.fixture
def broken(monkeypatch):
    """Make the command line raise what it is told to."""

    def breaks(error):
        def app(*_, **__):
            raise error

        monkeypatch.setattr(subject, "app", app)

    return breaks


def test_a_bug_shows_its_traceback_only_when_asked(broken, capsys):
    broken(KeyError("secret detail"))

    assert run(["config"]) == 1
    assert "Traceback" not in capsys.readouterr().err
    assert run(["config", "--verbose"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "exit_code"), [(KeyboardInterrupt(), 130), (Interrupted(130), 130), (Interrupted(0), 0)]
)
def test_an_interruption_is_no_error(broken, capsys, error, exit_code):
    broken(error)

    assert run(["config"]) == exit_code
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_first_output_comes_within_a_third_of_a_second(option):
    def seconds():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*PROGRAM, option], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(3)) <= 0.3  # of the processor: other tests may run beside


def test_a_reader_that_has_seen_enough_is_no_error():
    command = f"{' '.join(PROGRAM)} --help | head -n 1"

    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0
    assert done.stderr == ""
