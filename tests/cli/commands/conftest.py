"""What tests of commands share: a command line that can be called, programs that run beside the test."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from crypto_portfolio_analyzer.cli.main import run

SOON = 2.0
"""A second, and another for a busy machine."""
PROGRAM = [sys.executable, "-m", "crypto_portfolio_analyzer.cli.main"]


@dataclass(frozen=True, slots=True)
class Told:
    """What a command said."""

    exit_code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def cli(capsys):
    """Call the command line in this process."""

    def call(*arguments):
        capsys.readouterr()
        exit_code = run([str(each) for each in arguments])
        said = capsys.readouterr()
        return Told(exit_code, said.out, said.err)

    return call


class Programs:
    """Command lines that run beside a test."""

    def __init__(self, **environment: str) -> None:
        self._environment = environment
        self._running: list[subprocess.Popen[str]] = []

    def __call__(self, *arguments: object) -> subprocess.Popen[str]:
        command = [*PROGRAM, *map(str, arguments)]
        environment = os.environ | self._environment
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        self._running.append(process)
        return process

    def end(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=10)


@pytest.fixture
def program() -> Iterator[Programs]:
    """Start the command line beside the test; it is ended afterwards."""
    programs = Programs()
    yield programs
    programs.end()


@pytest.fixture(scope="module")
def module_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """The same for all tests of a module together, with folders of their own."""
    programs = Programs(XDG_DATA_HOME=str(tmp_path_factory.mktemp("data")))
    yield programs
    programs.end()


def first_line(process: subprocess.Popen[str]) -> Any:
    """Return the first JSON line that a program prints."""
    assert process.stdout is not None
    return json.loads(process.stdout.readline())
