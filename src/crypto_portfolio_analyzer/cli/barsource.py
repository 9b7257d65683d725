"""Bars for a back-test from a CSV file, packed or not."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from crypto_portfolio_analyzer.core.barfiles import MOST_CHARACTERS, read_bars
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.errors import InvalidInput

DEFAULT_QUOTE = "USDT"
_PACKED = b"\x1f\x8b"


def bars_of_file(path: Path, *, symbol: str | None, timeframe: str | None) -> list[Bar]:
    """Return the bars of a CSV; without `symbol` they bear the file's name.

    Raises:
        InvalidInput: names the file, the line, what is wrong and what would be right.

    """
    subject = parse_symbol(symbol).canonical(DEFAULT_QUOTE) if symbol else path.name.split(".")[0]
    try:
        return read_bars(_lines(path), symbol=subject, timeframe=timeframe)
    except InvalidInput as error:
        raise InvalidInput(f"{path.name}, {error}") from error


def _lines(path: Path) -> Iterator[bytes]:
    """Yield lines, each cut one byte above what a row may have; raises InvalidInput for a torn packed file."""
    with path.open("rb") as raw:
        is_packed = raw.read(2) == _PACKED
        raw.seek(0)
        source = gzip.GzipFile(fileobj=raw) if is_packed else raw
        try:
            while line := source.readline(MOST_CHARACTERS + 1):
                yield line
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InvalidInput("the packed file is cut or damaged; pack it again") from error
