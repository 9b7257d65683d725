"""Single key presses, while a live table is on the screen."""

import asyncio
import os
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from crypto_portfolio_analyzer.cli.running import at_last


@contextmanager
def pressed(actions: dict[str, Callable[[], None]]) -> Iterator[None]:
    """Call an action for each of its keys; does nothing where standard input is no terminal."""
    if not sys.stdin.isatty():
        yield
        return
    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    loop = asyncio.get_running_loop()

    def restore() -> None:
        termios.tcsetattr(number, termios.TCSADRAIN, before)

    def read() -> None:
        for key in os.read(number, 64).decode("utf-8", "ignore"):
            actions.get(key, _ignore)()

    at_last(restore)
    tty.setcbreak(number)
    loop.add_reader(number, read)
    try:
        yield
    finally:
        loop.remove_reader(number)
        restore()


def _ignore() -> None:
    pass
