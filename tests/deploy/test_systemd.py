"""The systemd unit: its settings are known, systemd understands it, little is left to an intruder."""

import configparser
import re
import shutil
import subprocess

import pytest

from crypto_portfolio_analyzer.settings.tree import known_settings
from tests.conftest import ROOT

UNIT = ROOT / "deploy" / "systemd" / "crypto-analyzer.service"
MOST_EXPOSED = 2.0
"""What `systemd-analyze security` gives a service that is shut in well; 10 is one that is not at all."""


@pytest.fixture(scope="module")
def service():
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    parser.read(UNIT)
    return parser["Service"]


def test_it_starts_a_command_that_exists(service, cli_help):
    program, *command = service["ExecStart"].split()

    assert program.endswith("/bin/crypto-analyzer")
    assert cli_help(*command) == 0
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) >= 10


def test_its_settings_are_known(service):
    known = {each.variable for each in known_settings()}
    named = set(re.findall(r"(CRYPTO_ANALYZER_\w+)=", service["Environment"]))

    assert named
    assert named <= known


def test_it_has_a_name_of_its_own_and_no_rights(service):
    assert service["DynamicUser"] == "yes"
    assert service["CapabilityBoundingSet"] == ""
    assert service["StateDirectoryMode"] == "0700"


def systemd(*arguments):
    """Ask systemd itself; every system that has it has the tool, others have no use for the unit."""
    tool = shutil.which("systemd-analyze")
    if tool is None:
        return None
    return subprocess.run([tool, *arguments, UNIT], capture_output=True, text=True, check=False)


def test_systemd_understands_every_line():
    told = systemd("verify")
    complaints = [] if told is None else told.stderr.splitlines()

    assert [each for each in complaints if "is not executable" not in each] == []


def test_little_is_left_to_an_intruder():
    told = systemd("security", "--offline=true")
    exposed = re.findall(r"exposure level for \S+: ([\d.]+)", told.stdout) if told is not None else ["0"]

    assert float(exposed[0]) <= MOST_EXPOSED
