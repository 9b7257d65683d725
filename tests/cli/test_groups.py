"""Commands are found by file; help starts with examples; unknown ones name the nearest."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from crypto_portfolio_analyzer.cli import commands
from crypto_portfolio_analyzer.cli.groups import described, group, told
from crypto_portfolio_analyzer.cli.main import CommandFiles, app, run
from crypto_portfolio_analyzer.errors import UnknownName

FILES = sorted(path.stem for path in Path(commands.__path__[0]).glob("[a-z]*.py"))


def every_command(command=None, path=()):
    """Yield the path of every command there is, groups included."""
    command = command or typer.main.get_command(app)
    context = typer.Context(command, info_name="crypto-analyzer")
    yield path
    if hasattr(command, "list_commands"):
        for name in command.list_commands(context):
            yield from every_command(command.get_command(context, name), (*path, name))


def test_every_file_is_a_command():
    assert CommandFiles(name="top").list_commands(None) == FILES


@pytest.mark.parametrize("path", list(every_command()), ids=" ".join)
def test_help_starts_with_a_sentence_and_examples(path, capsys):
    assert run([*path, "--help"]) == 0

    shown = capsys.readouterr().out
    before_options = shown.partition("\nOptions:")[0]
    assert f"crypto-analyzer {' '.join(path)}".rstrip() in before_options.partition("\n\n")[2]


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [(["confg"], "config"), (["config", "shwo"], "show"), (["confg", "show", "--json"], "config")],
)
def test_unknown_command_names_the_nearest(typed, nearest, capsys):
    assert run(typed) == 2

    first, fix = capsys.readouterr().err.splitlines()
    assert first.endswith(f"did you mean '{nearest}'?")
    assert fix.startswith("  fix  crypto-analyzer ")
    assert nearest in fix.split()


def test_only_the_command_that_is_asked_for_is_imported():
    program = (
        "import sys; from crypto_portfolio_analyzer.cli.main import run; run(['--version']); "
        "print([name for name in sys.modules if 'commands.' in name or name in ('rich', 'sqlalchemy', 'fastapi')])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_a_group_registers_functions_with_their_docstring_and_examples():
    made = group("Test things.", "things do")

    @described(made, "things do --well")
    def do() -> None:
        """Do a thing."""

    assert made.registered_commands[0].help == told("Do a thing.", "things do --well")
    assert "crypto-analyzer things do --well" in told("Do a thing.", "things do --well")


def test_options_are_no_commands():
    with pytest.raises(UnknownName):
        CommandFiles(name="top").resolve_command(None, ["nonsense"])
