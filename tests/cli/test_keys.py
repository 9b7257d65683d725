"""Keys: read one by one on a terminal, left alone elsewhere."""

import asyncio
import os
import pty
import sys
import termios

import pytest

from crypto_portfolio_analyzer.cli import keys, running


@pytest.fixture
def terminal(monkeypatch):
    """A terminal for standard input; what is written to it is typed."""
    typing, seen = pty.openpty()
    monkeypatch.setattr(running, "_LAST", [])
    with os.fdopen(seen, "r") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield typing
    os.close(typing)


async def test_a_key_calls_its_action_and_others_nothing(terminal):
    pressed = asyncio.Event()

    with keys.pressed({"q": pressed.set}):
        os.write(terminal, b"xq")
        await asyncio.wait_for(pressed.wait(), 5)


async def test_the_terminal_is_as_before_afterwards(terminal):
    before = termios.tcgetattr(sys.stdin.fileno())

    with keys.pressed({}):
        assert termios.tcgetattr(sys.stdin.fileno()) != before

    assert termios.tcgetattr(sys.stdin.fileno()) == before


async def test_a_forced_end_restores_the_terminal_too(terminal):
    before = termios.tcgetattr(sys.stdin.fileno())

    with keys.pressed({}):
        for restore in running._LAST:
            restore()
        assert termios.tcgetattr(sys.stdin.fileno()) == before


async def test_without_a_terminal_nothing_is_read(monkeypatch):
    with open(os.devnull) as nothing:  # noqa: PTH123  # a path object has no such file
        monkeypatch.setattr(sys, "stdin", nothing)
        with keys.pressed({"q": lambda: None}):
            pass
