"""What a command prints: data on standard output, everything else on standard error.

Colour appears only on a terminal that wants it and never carries a meaning alone. Text from outside has its
control characters written out. Where standard output is no terminal nothing is redrawn.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TextIO

_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_GAP = 2
_COLOURS = {"bad": "31", "good": "32", "warn": "33", "dim": "2", "strong": "1", "simulated": "35"}

Align = Literal["<", ">"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; on a narrow terminal the columns with the lowest `weight` go first."""

    title: str
    align: Align = "<"
    weight: int = 9


class Output:
    """Where a command's words go, and in which form."""

    def __init__(
        self,
        *,
        as_json: bool = False,
        quiet: bool = False,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
    ) -> None:
        self.as_json, self.quiet = as_json, quiet
        self._out, self._err = stdout or sys.stdout, stderr or sys.stderr

    @property
    def is_terminal(self) -> bool:
        """Whether standard output is a terminal that can redraw."""
        return self._out.isatty() and os.environ.get("TERM") != "dumb"

    @property
    def err_is_terminal(self) -> bool:
        """Whether standard error is a terminal that can redraw."""
        return self._err.isatty() and os.environ.get("TERM") != "dumb"

    def document(self, value: Any) -> None:
        """Print data as one JSON document."""
        self._write(json.dumps(value, indent=2 if self.is_terminal else None))

    def line(self, value: Any) -> None:
        """Print data as one JSON line, at once."""
        self._write(json.dumps(value, separators=(",", ":")))
        self.flush()

    def say(self, text: str) -> None:
        """Print a line of the answer."""
        self._write(text)

    def flush(self) -> None:
        """Hand over what was printed to whoever reads it."""
        self._out.flush()

    def note(self, text: str) -> None:
        """Print a remark, unless asked to be quiet."""
        if not self.quiet:
            self._err.write(text + "\n")
            self._err.flush()

    def complain(self, text: str) -> None:
        """Print what went wrong."""
        self._err.write(text + "\n")
        self._err.flush()

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Print rows under their heads, one line each, never wider than the terminal."""
        width = shutil.get_terminal_size((80, 24)).columns if self.is_terminal else None
        for text in table_lines(columns, rows, width):
            self._write(text)

    def paint(self, text: str, colour: str) -> str:
        """Colour a text for standard output, if that shows colours."""
        return _painted(text, colour) if _wants_colour(self._out) else text

    def paint_err(self, text: str, colour: str) -> str:
        """Colour a text for standard error, if that shows colours."""
        return _painted(text, colour) if _wants_colour(self._err) else text

    def _write(self, text: str) -> None:
        self._out.write(text + "\n")


def safe(text: str) -> str:
    """Return a text from outside with control and direction characters written out."""
    return _HARMFUL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def table_lines(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> list[str]:
    """Lay out a table; `width` None means any."""
    cells = [[column.title for column in columns], *([safe(cell) for cell in row] for row in rows)]
    widths = [max(len(row[index]) for row in cells) for index in range(len(columns))]
    kept = _fitting(columns, widths, width)
    lines = []
    for row in cells:
        parts = [f"{row[index]:{columns[index].align}{widths[index]}}" for index in kept]
        lines.append((" " * _GAP).join(parts).rstrip()[:width])
    return lines


def _fitting(columns: Sequence[Column], widths: Sequence[int], width: int | None) -> list[int]:
    kept = list(range(len(columns)))
    while width is not None and len(kept) > 1:
        if sum(widths[index] for index in kept) + _GAP * (len(kept) - 1) <= width:
            break
        kept.remove(min(kept, key=lambda index: (columns[index].weight, -index)))
    return kept


def _wants_colour(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _painted(text: str, colour: str) -> str:
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"
