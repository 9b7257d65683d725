"""The guides for operators and assistants: their commands run, their settings and files exist."""

import json
import re
import shlex

import pytest

from crypto_portfolio_analyzer.cli.assistant import Assistant
from crypto_portfolio_analyzer.cli.main import run
from crypto_portfolio_analyzer.settings.tree import known_settings
from tests.conftest import ROOT

GUIDES = {
    name: (ROOT / "docs" / "how-to" / name).read_text()
    for name in ("let-an-assistant-in.md", "run-on-a-server.md")
}
COMMANDS = re.findall(r"^crypto-analyzer (.+)$", "\n".join(GUIDES.values()), re.MULTILINE)
TOKENS = [each for each in COMMANDS if each.startswith("token create")]


def test_there_are_commands():
    assert len(COMMANDS) >= 5
    assert len(TOKENS) == 2


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_has_the_options_it_is_given(line, capsys):
    words = shlex.split(line)
    options = {each for each in words if each.startswith("--")}
    names = [each for each in words[:2] if each.isalpha()]

    found = next(text for text in help_of(names, capsys) if text)

    assert options <= set(re.findall(r"--[a-z-]+", found))


def help_of(names, capsys):
    """Yield the help of the longest beginning of `names` that is a command."""
    for length in range(len(names), 0, -1):
        exit_code = run([*names[:length], "--help"])
        told = capsys.readouterr().out
        yield told if exit_code == 0 else ""


@pytest.mark.parametrize("line", TOKENS)
def test_the_tokens_of_the_guides_can_be_made(line, capsys):
    assert run([*shlex.split(line), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)

    assert made["token"]
    assert set(made["scopes"]) == set(re.findall(r"--scope (\S+)", line))


@pytest.mark.parametrize("guide", GUIDES)
def test_every_setting_is_known(guide):
    known = {each.variable for each in known_settings()}
    named = set(re.findall(r"CRYPTO_ANALYZER_[A-Z_]*[A-Z]", GUIDES[guide])) - {"CRYPTO_ANALYZER"}

    assert {each for each in named if each not in known and each.removesuffix("_FILE") not in known} == set()


@pytest.mark.parametrize("guide", GUIDES)
def test_every_file_of_ours_exists(guide):
    linked = re.findall(r"\]\(([^)#:]+)\)", GUIDES[guide])
    named = re.findall(r"\bdeploy/[\w./-]*\w", GUIDES[guide])

    assert all((ROOT / "docs" / "how-to" / each).exists() for each in linked)
    assert all((ROOT / each).exists() for each in named)


def test_the_tools_are_those_there_are():
    rows = re.findall(r"^\| (`.+?`) \|", GUIDES["let-an-assistant-in.md"], re.MULTILINE)
    named = set(re.findall(r"`(\w+)`", " ".join(rows)))

    assert named == {name for name in vars(Assistant) if not name.startswith("_")}


def test_the_configuration_of_an_assistant_is_json_that_starts_us():
    [block] = re.findall(r"```json\n(.+?)```", GUIDES["let-an-assistant-in.md"], re.DOTALL)
    server = json.loads(block)["mcpServers"]["crypto-analyzer"]

    assert [server["command"], server["args"][0]] == ["crypto-analyzer", "mcp"]
