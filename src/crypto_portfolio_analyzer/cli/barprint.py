"""Bars as rows, CSV and JSON, and the stretch of time that options mean."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from crypto_portfolio_analyzer.api.schemas import decimal_text, instant, iso
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.formats import Language
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import Timeframe
from crypto_portfolio_analyzer.errors import InvalidInput


def span(start: str | None, end: str | None, frame: Timeframe, limit: int, now: int) -> tuple[int, int]:
    """Return the first and the last instant (ns) that options mean; without `start` the newest `limit` bars.

    Raises:
        InvalidInput: an instant cannot be read, or nothing lies between the two.

    """
    until = frame.open_of(now) if end is None else _read(end, "--end")
    first = until - limit * frame.length if start is None else _read(start, "--start")
    if first >= until:
        raise InvalidInput(f"--start {iso(first)} is not before --end {iso(until)}; give an earlier --start")
    return first, until


def _read(text: str, option: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"{option} {text[:40]!r} is no instant; write 2026-11-20 or 2026-11-20T14:03Z"
        ) from error
    return instant(at if at.tzinfo else at.replace(tzinfo=UTC))


def rows(bars: Sequence[Bar], language: Language) -> list[list[str]]:
    """Return a table's rows; the decimals follow the newest close."""
    digits = formats.digits_for(bars[-1].close) if bars else 2
    return [
        [iso(bar.open_at)[:16].replace("T", " ")]
        + [
            formats.price(value, digits, language=language)
            for value in (bar.open, bar.high, bar.low, bar.close)
        ]
        + [formats.compact(bar.volume, language=language)]
        for bar in bars
    ]


def as_csv(bars: Sequence[Bar]) -> Iterator[str]:
    """Yield CSV as back-tests read it."""
    yield "timestamp,open,high,low,close,volume"
    for bar in bars:
        numbers = (bar.open, bar.high, bar.low, bar.close, bar.volume)
        yield ",".join([iso(bar.open_at), *map(decimal_text, numbers)])


def document(symbol: str, bars: Sequence[Bar]) -> dict[str, Any]:
    """Return the JSON document of a symbol's bars."""
    return {
        "symbol": symbol,
        "market": bars[-1].symbol,
        "timeframe": bars[-1].timeframe,
        "source": bars[-1].venue,
        "bars": [
            {
                "open_at": iso(bar.open_at),
                "open": decimal_text(bar.open),
                "high": decimal_text(bar.high),
                "low": decimal_text(bar.low),
                "close": decimal_text(bar.close),
                "volume": decimal_text(bar.volume),
                "closed": bar.closed,
            }
            for bar in bars
        ],
    }
