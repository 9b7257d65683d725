"""Nothing listens but what the reference declares, and that on loopback."""

import re
import socket
from collections import Counter
from importlib import import_module
from typing import Any

import pytest

from tests.cli.commands.conftest import Programs, first_line
from tests.conftest import ROOT

psutil: Any = import_module("psutil")  # it brings no types
PAGE = ROOT / "docs" / "reference" / "listeners.md"
ROW = re.compile(r"^\| `([\w -]+)` \| (\d+) \| (.+?) \| (.+?) \| .+ \|$", re.MULTILINE)
DECLARED = Counter[str]()
for name, count, _, _ in ROW.findall(PAGE.read_text()):
    DECLARED[name] += int(count)
OPTIONS = {
    "start": ("--provider", "mock", "--port", "0"),
    "stream start": ("--provider", "mock", "--port", "0", "--no-dashboard"),
    "demo": ("--port", "0"),
    "simulate": ("--port", "0"),
    "mcp --http": ("--port", "0"),
    "bots echo": ("--port", "0"),
}


@pytest.fixture
def programs(tmp_path):
    """Programs whose data are the test's own."""
    running = Programs(XDG_DATA_HOME=str(tmp_path))
    yield running
    running.end()


def listening(process):
    """Return the sockets that a process and its children listen on: TCP, and every bound UDP one."""
    family = [process, *process.children(recursive=True)]
    return [
        each
        for one in family
        for each in one.net_connections("inet")
        if each.status == psutil.CONN_LISTEN or each.type == socket.SOCK_DGRAM
    ]


def heads(command):
    """Return how many addresses the command's own port is opened on."""
    names_localhost = command in ("start", "stream start", "demo")
    return len(localhost()) if names_localhost else 1


def localhost():
    """Return the addresses of `localhost` that this machine really has."""
    found = {each[4][0] for each in socket.getaddrinfo("localhost", None, type=socket.SOCK_STREAM)}
    return [each for each in found if is_there(each)]


def is_there(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


def test_every_command_that_listens_is_declared():
    assert set(DECLARED) == set(OPTIONS)


@pytest.mark.parametrize("command", sorted(OPTIONS))
def test_a_command_opens_what_is_declared_on_loopback(programs, command):
    process = programs(*command.split(), *OPTIONS[command], "--json")
    first_line(process)

    found = listening(psutil.Process(process.pid))

    assert {each.laddr.ip for each in found} <= {"127.0.0.1", "::1"}
    assert len(found) == DECLARED[command] + heads(command) - 1
    assert all(each.type == socket.SOCK_STREAM for each in found)
