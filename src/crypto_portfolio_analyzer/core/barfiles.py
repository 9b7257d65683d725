"""Bars from CSV: `timestamp,open,high,low,close,volume` as exchanges, charts and libraries export it.

A row is one closed bar by its open time. Rows are taken as they are: what cannot be right is refused with its
line, holes stay holes. The spacing of the rows tells the timeframe.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import isfinite, nan

from msgspec import Struct

from crypto_portfolio_analyzer.core.market import Bar, RejectReason
from crypto_portfolio_analyzer.core.numbers import MAX_PRICE, MAX_QUANTITY, refuse_number
from crypto_portfolio_analyzer.core.timeframes import Timeframe, parse_timeframe
from crypto_portfolio_analyzer.errors import InvalidInput

VENUE = "file"
MOST_ROWS = 6_000_000
"""Eleven years of minutes; a file with more is refused."""
MOST_CHARACTERS = 4096
"""Of one line."""
HEADER = "timestamp,open,high,low,close,volume"
_TIMES = ("timestamp", "time", "date", "datetime", "open_time")
_PRICES = ("open", "high", "low", "close")
_EXTRA = {
    "quote_volume": ("quote_volume", "quote_asset_volume"),
    "trades": ("trades", "count", "number_of_trades"),
    "buy_volume": ("buy_volume", "taker_buy_volume", "taker_buy_base_asset_volume"),
}
_BINANCE = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    "taker_buy_quote_volume,ignore"
)
"""The columns of Binance's public archive, whose files come without a header."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCALES = ((1e8, 1e11, 10**9), (1e11, 1e14, 10**6), (1e14, 1e17, 10**3), (1e17, 1e20, 1))
"""Epoch times are told apart by their size: seconds, ms, µs and ns of the years from 1973 to 5138."""
_WHY = {
    RejectReason.NAN: "is no number",
    RejectReason.INFINITE: "is infinite",
    RejectReason.NEGATIVE: "is negative",
    RejectReason.ZERO: "is not above 0",
    RejectReason.RANGE: "is too large",
    RejectReason.EXPONENT: "is out of range",
    RejectReason.TOO_LONG: "is too long",
}

_Columns = Mapping[str, int]


class _Row(Struct, gc=False):
    line: int
    at: int
    numbers: tuple[float, float, float, float, float]
    quote_volume: float
    trades: int
    buy_volume: float


def read_bars(lines: Iterable[bytes], *, symbol: str, timeframe: str | None = None) -> list[Bar]:
    """Read the bars of a CSV, oldest first, as closed bars of `symbol`.

    Columns may stand in any order and any case; further ones are left out, except the quote volume, trades and
    taker buys. Times are open times: ISO 8601 (UTC unless they have a zone) or epoch seconds, ms, µs or ns. A
    file that runs backwards from its first row to its last is turned. `timeframe` is used only when there are
    too few rows to tell it.

    Raises:
        InvalidInput: names the line, what is wrong with it and what would be right.

    """
    rows = list(_rows(_records(lines)))
    if len(rows) > 1 and rows[0].at > rows[-1].at:
        rows.reverse()
    _check_order(rows)
    frame = _timeframe(rows, timeframe)
    return [_bar(row, symbol, frame) for row in rows]


def _records(lines: Iterable[bytes]) -> Iterator[tuple[int, list[str]]]:
    """Yield each line that is not blank with its number, split at its commas."""
    for number, raw in enumerate(lines, start=1):
        if len(raw) > MOST_CHARACTERS:
            raise _fault(number, f"has more than {MOST_CHARACTERS} characters", f"a row is {HEADER}")
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError as error:
            raise _fault(number, "is no text", "save the file as CSV in UTF-8") from error
        if text:
            yield number, [field.strip() for field in _split(number, text)]


def _split(number: int, text: str) -> list[str]:
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text]))
    except csv.Error as error:
        raise _fault(number, f"cannot be split at its commas: {error}", "close its quotes") from error


def _rows(records: Iterator[tuple[int, list[str]]]) -> Iterator[_Row]:
    first = next(records, None)
    if first is None:
        raise InvalidInput(f"the file is empty; its first line is {HEADER}")
    is_archive = len(first[1]) == len(_BINANCE.split(",")) and first[1][0].isdigit()
    columns = _columns(_BINANCE.split(",") if is_archive else first[1])
    if is_archive:
        yield _row(*first, columns)
    for count, (number, fields) in enumerate(records):
        if count >= MOST_ROWS:
            raise _fault(number, f"is row {MOST_ROWS + 1:,}", "split the file")
        yield _row(number, fields, columns)


def _columns(names: Sequence[str]) -> _Columns:
    """Return the place of each column we use; raises InvalidInput if one that must be there is not."""
    places = {name.lower().replace(" ", "_"): place for place, name in reversed(list(enumerate(names)))}
    time = next((places[name] for name in _TIMES if name in places), None)
    missing = [name for name in (*_PRICES, "volume") if name not in places]
    if time is None:
        missing.insert(0, _TIMES[0])
    if missing or time is None:
        shown = ",".join(names)[:80]
        raise _fault(1, f"has no column {', '.join(missing)}, only {shown!r}", f"the first line is {HEADER}")
    extra = {
        key: places[name] for key, spellings in _EXTRA.items() for name in spellings[::-1] if name in places
    }
    return {"time": time, **{name: places[name] for name in (*_PRICES, "volume")}, **extra}


def _row(number: int, fields: Sequence[str], columns: _Columns) -> _Row:
    try:
        at = _instant(fields[columns["time"]])
        prices = [float(fields[columns[name]]) for name in _PRICES]
        volume = float(fields[columns["volume"]])
    except (IndexError, ValueError):
        raise _unreadable(number, fields, columns) from None
    opened, high, low, closed = prices
    is_sound = 0 < low <= opened <= high < MAX_PRICE and low <= closed <= high and 0 <= volume < MAX_QUANTITY
    if not is_sound:
        raise _unsound(number, fields, columns)
    trades = _extra(number, fields, columns, "trades")
    return _Row(
        number,
        at,
        (opened, high, low, closed, volume),
        _extra(number, fields, columns, "quote_volume"),
        int(trades) if isfinite(trades) else 0,
        _extra(number, fields, columns, "buy_volume"),
    )


def _extra(number: int, fields: Sequence[str], columns: _Columns, name: str) -> float:
    """Return a further number of a row, NaN where the file has none."""
    place = columns.get(name)
    if place is None:
        return nan
    text = fields[place] if place < len(fields) else ""
    reason = refuse_number(text, limit=MAX_QUANTITY * MAX_PRICE, zero_ok=True)
    if reason is not None:
        raise _fault(number, f"{name} {text[:40]!r} {_WHY.get(reason, 'is no number')}", "correct the row")
    return float(text)


def _instant(text: str) -> int:
    """Return an instant in ns UTC; raises ValueError."""
    try:
        at = datetime.fromisoformat(text) if not text.isdigit() else None
    except ValueError:
        at = None
    if at is not None:
        aware = at if at.tzinfo else at.replace(tzinfo=UTC)
        return (aware - _EPOCH) // timedelta(microseconds=1) * 1000
    size = float(text)
    for low, high, scale in _SCALES:
        if low <= size < high:
            return int(text) * scale if text.isdigit() else round(size * scale)
    raise ValueError(text)


def _unreadable(number: int, fields: Sequence[str], columns: _Columns) -> InvalidInput:
    """Say which field of a row cannot be read."""
    if len(fields) <= max(columns[name] for name in ("time", *_PRICES, "volume")):
        return _fault(number, f"has {len(fields)} fields, too few", "give every row the columns of line 1")
    time = fields[columns["time"]]
    try:
        _instant(time)
    except (ValueError, OverflowError):
        remedy = "write ISO 8601 like 2026-11-20T14:03:00Z, or epoch seconds or milliseconds"
        return _fault(number, f"{time[:40]!r} is no instant", remedy)
    return _unsound(number, fields, columns)


def _unsound(number: int, fields: Sequence[str], columns: _Columns) -> InvalidInput:
    """Say which number of a row cannot be, or which two contradict each other."""
    for name in (*_PRICES, "volume"):
        text, is_volume = fields[columns[name]], name == "volume"
        limit = MAX_QUANTITY if is_volume else MAX_PRICE
        reason = refuse_number(text, limit=limit, zero_ok=is_volume)
        if reason is not None:
            why = _WHY.get(reason, "is no number")
            return _fault(number, f"{name} {text[:40]!r} {why}", "correct the row or leave it out")
    opened, high, low, closed = (fields[columns[name]][:40] for name in _PRICES)
    if float(high) < float(low):
        return _fault(number, f"high {high} is below low {low}", "check the order of the columns")
    outside = ("open", opened) if not float(low) <= float(opened) <= float(high) else ("close", closed)
    return _fault(number, f"{outside[0]} {outside[1]} lies outside of {low} to {high}", "correct the row")


def _check_order(rows: Sequence[_Row]) -> None:
    if not rows:
        raise InvalidInput(f"the file has no rows; below {HEADER} stands one bar per line")
    for before, row in pairwise(rows):
        if row.at == before.at:
            raise _fault(row.line, f"has the time of line {before.line}", "leave one of the two out")
        if row.at < before.at:
            raise _fault(row.line, f"is older than line {before.line}", "sort the rows by time")


def _timeframe(rows: Sequence[_Row], given: str | None) -> Timeframe:
    """Return what the rows are apart, most often; every row must begin such a bar."""
    steps = Counter(row.at - before.at for before, row in pairwise(rows))
    if steps:
        frame = _frame_of(max(steps, key=lambda step: (steps[step], -step)))
    elif given is not None:
        frame = parse_timeframe(given)
    else:
        raise InvalidInput("one row does not tell its timeframe; give --timeframe")
    for row in rows:
        if row.at != frame.open_of(row.at):
            remedy = "times are open times in UTC"
            raise _fault(row.line, f"does not begin a {frame.name} bar, as its neighbours do", remedy)
    return frame


def _frame_of(step: int) -> Timeframe:
    minutes, rest = divmod(step, 60 * 10**9)
    text = "1w" if minutes == 7 * 1440 else f"{minutes}m" if minutes <= 1440 else f"{minutes // 1440}d"
    if rest or not minutes:
        raise InvalidInput(f"the rows are {step / 1e9:g} s apart; bars need whole minutes")
    return parse_timeframe(text)


def _bar(row: _Row, symbol: str, frame: Timeframe) -> Bar:
    close_at = row.at + frame.length
    opened, high, low, closed, volume = row.numbers
    return Bar(
        VENUE, symbol, frame.name, row.at, close_at, opened, high, low, closed, volume, True, close_at,
        row.quote_volume, row.buy_volume, row.trades,
    )  # fmt: skip


def _fault(line: int, problem: str, remedy: str) -> InvalidInput:
    return InvalidInput(f"line {line}: {problem}; {remedy}")
