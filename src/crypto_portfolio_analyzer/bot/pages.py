"""Pages: what one message of the bot says and the buttons below it.

A button's data is `m:<what>:<arguments>`; Telegram takes 64 bytes of it, and gives it back with every press.
"""

from collections.abc import Iterable

from msgspec import Struct

from crypto_portfolio_analyzer.channels.telegram_buttons import Button, Rows

MOST_BYTES = 64
PREFIX = "m"


class Page(Struct, frozen=True):
    """One message: HTML, and rows of buttons."""

    text: str
    rows: Rows = ()


def data(what: str, *arguments: object) -> str:
    """Return the data of a button; raises ValueError if Telegram would not take it."""
    text = ":".join((PREFIX, what, *map(str, arguments)))
    if len(text.encode()) > MOST_BYTES:
        message = f"{len(text.encode())} bytes are more than a button carries"
        raise ValueError(message)
    return text


def read_data(text: str) -> tuple[str, list[str]] | None:
    """Return what a button asks for and its arguments; None for what is none of these."""
    prefix, *parts = text.split(":")
    return (parts[0], parts[1:]) if prefix == PREFIX and parts else None


def rows_of(buttons: Iterable[Button], wide: int) -> Rows:
    """Return buttons in rows of `wide`."""
    every = tuple(buttons)
    return tuple(every[place : place + wide] for place in range(0, len(every), wide))
