"""Bars from CSV: what others export is read, and what cannot be right is refused with its line."""

import gzip
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.barfiles import MOST_CHARACTERS, read_bars
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.errors import InvalidInput
from tests.fakes import MINUTE, NOON, SECOND

HEADER = "timestamp,open,high,low,close,volume"
ROW = "10,12,9,11,5"


def read(*lines: str, timeframe: str | None = None) -> list[Bar]:
    return read_bars((line.encode() for line in lines), symbol="BTC/USDT", timeframe=timeframe)


def minutes(*rows: str, first: int = NOON) -> list[str]:
    """Return a file with rows a minute apart."""
    return [HEADER, *(f"{(first + number * MINUTE) // SECOND},{row}" for number, row in enumerate(rows))]


def refusal(*lines: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        read(*lines)
    return str(caught.value)


def test_a_row_is_a_closed_bar_from_its_open_time():
    first, second = read(*minutes(ROW, "11,11,11,11,0"))

    assert (first.symbol, first.timeframe, first.closed) == ("BTC/USDT", "1m", True)
    assert (first.open_at, first.close_at) == (NOON, NOON + MINUTE)
    assert (first.open, first.high, first.low, first.close, first.volume) == (10, 12, 9, 11, 5)
    assert second.volume == 0


@pytest.mark.parametrize(
    "time",
    [
        "1795176000",
        "1795176000.0",
        "1795176000000",
        "1795176000000000",
        "1795176000000000000",
        "2026-11-20T12:00:00Z",
        "2026-11-20 12:00:00",
        "2026-11-20 12:00:00.000000",
        "2026-11-20T13:00:00+01:00",
        "2026-11-20T12:00",
    ],
)
def test_an_instant_may_be_written_in_many_ways_and_is_utc_without_a_zone(time: str):
    (bar,) = read(HEADER, f"{time},{ROW}", timeframe="1m")

    assert bar.open_at == NOON


@pytest.mark.parametrize("name", ["timestamp", "time", "date", "datetime", "open_time", "Open Time", "DATE"])
def test_the_time_column_has_many_names(name: str):
    assert read(f"{name},OPEN,High,low,Close,VOLUME", f"1795176000,{ROW}", timeframe="1m")


def test_columns_stand_in_any_order_and_others_are_left_out():
    bars = read(
        "Date,High,Low,Open,Close,Volume,Adj Close", "2026-11-19,12,9,10,11,5,1", "2026-11-20,12,9,10,11,5,"
    )

    assert [(bar.timeframe, bar.open, bar.high, bar.low, bar.close) for bar in bars] == [
        ("1d", 10, 12, 9, 11)
    ] * 2


def test_quote_volume_trades_and_taker_buys_are_read_where_they_are_there():
    (bar,) = read(
        f"{HEADER},quote_volume,trades,taker_buy_volume", f"1795176000,{ROW},55,7,3", timeframe="1m"
    )
    (bare,) = read(HEADER, f"1795176000,{ROW}", timeframe="1m")

    assert (bar.quote_volume, bar.trades, bar.buy_volume) == (55, 7, 3)
    assert (bare.quote_volume, bare.buy_volume) != (0, 0), "unknown is no number, not 0"


def test_a_file_of_binance_s_archive_needs_no_header():
    line = "1795176000000,10,12,9,11,5,1795176059999,55,7,3,33,0"

    (bar,) = read(line, timeframe="1m")

    assert (bar.open_at, bar.close, bar.quote_volume, bar.trades, bar.buy_volume) == (NOON, 11, 55, 7, 3)


def test_a_file_with_the_newest_row_first_is_turned():
    lines = minutes(ROW, ROW, ROW)

    assert read(lines[0], *reversed(lines[1:])) == read(*lines)


def test_holes_stay_holes():
    first, *_, last = minutes(*[ROW] * 9)[1:]

    bars = read(*minutes(*[ROW] * 3), last)

    assert first
    assert [bar.open_at - NOON for bar in bars] == [0, MINUTE, 2 * MINUTE, 8 * MINUTE]


def test_the_spacing_of_most_rows_tells_the_timeframe():
    hours = [f"{NOON // SECOND + hour * 3600},{ROW}" for hour in (0, 1, 2, 3, 9, 10)]

    assert {bar.timeframe for bar in read(HEADER, *hours)} == {"1h"}


def test_blank_lines_a_mark_of_order_and_windows_line_ends_do_no_harm():
    lines = minutes(ROW, ROW)

    assert read("\ufeff" + lines[0] + "\r\n", "\r\n", *(f"{line}\r\n" for line in lines[1:])) == read(*lines)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("10,12,9,nan,5", "line 3: close 'nan' is no number; "),
        ("10,12,9,,5", "line 3: close '' is no number; "),
        ("10,inf,9,11,5", "line 3: high 'inf' is infinite; "),
        ("10,1e400,9,11,5", "line 3: high '1e400' is out of range; "),
        ("-10,12,9,11,5", "line 3: open '-10' is negative; "),
        ("10,12,0,11,5", "line 3: low '0' is not above 0; "),
        ("10,12,9,11,-5", "line 3: volume '-5' is negative; "),
        ("10,9,12,11,5", "line 3: high 9 is below low 12; "),
        ("13,12,9,11,5", "line 3: open 13 lies outside of 9 to 12; "),
        ("10,12,9,8,5", "line 3: close 8 lies outside of 9 to 12; "),
        ("10,12,9", "line 3: has 4 fields, too few; "),
        ("ten,12,9,11,5", "line 3: open 'ten' is no number; "),
        ('1\r0,"12",9,11,5', "line 3: cannot be split at its commas"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused_with_its_line_and_a_remedy(row: str, told: str):
    assert refusal(*minutes(ROW, row)).startswith(told)


@pytest.mark.parametrize("time", ["yesterday", "", "12", "2026-13-01", "nan", "1e300", "-5"])
def test_a_time_that_is_none_is_refused(time: str):
    assert refusal(HEADER, f"{time},{ROW}").startswith(f"line 2: {time!r} is no instant; write ISO 8601")


def test_two_rows_of_one_time_and_rows_out_of_order_are_refused():
    head, first, second, third = minutes(ROW, ROW, ROW)

    assert refusal(head, first, second, second, third) == (
        "line 4: has the time of line 3; leave one of the two out"
    )
    assert refusal(head, second, first, third) == "line 3: is older than line 2; sort the rows by time"


def test_a_row_beside_the_others_raster_is_refused():
    lines = minutes(ROW, ROW, ROW)
    odd = f"{NOON // SECOND + 190},{ROW}"

    assert refusal(*lines, odd).startswith("line 5: does not begin a 1m bar")


def test_missing_columns_are_named():
    told = refusal("timestamp,open,high,low,volume", f"1,{ROW}")

    assert told == (
        "line 1: has no column close, only 'timestamp,open,high,low,volume'; "
        "the first line is timestamp,open,high,low,close,volume"
    )
    assert "has no column timestamp, open" in refusal("a,b,c", "1,2,3")


def test_an_empty_file_and_one_without_rows_are_refused():
    assert refusal().startswith("the file is empty")
    assert refusal(HEADER).startswith("the file has no rows")
    assert "give --timeframe" in refusal(HEADER, f"1795176000,{ROW}")


def test_what_is_no_text_and_what_has_no_end_is_refused():
    with pytest.raises(InvalidInput, match="line 2: is no text"):
        read_bars([HEADER.encode(), b"\xff\xfe\x00"], symbol="BTC/USDT")
    with pytest.raises(InvalidInput, match="line 1: has more than 4096 characters"):
        read_bars([b"x" * (MOST_CHARACTERS + 1)], symbol="BTC/USDT")


def test_seconds_are_no_timeframe():
    assert "10 s apart" in refusal(HEADER, *(f"{1795176000 + at},{ROW}" for at in (0, 10, 20)))


def test_a_bad_row_far_down_is_found():
    lines = minutes(*[ROW] * 9_998, "10,9,12,11,5")

    assert refusal(*lines).startswith("line 10000: high 9 is below low 12")


@given(st.lists(st.text(max_size=40), max_size=6))
def test_whatever_stands_in_a_file_it_is_read_or_refused(lines: list[str]):
    with suppress(InvalidInput):
        assert read(HEADER, *lines)


@pytest.mark.parametrize(
    ("name", "timeframe", "count"),
    [
        ("1m/BTC-PERP_1m_2022-01.csv.gz", "1m", 45_031),
        ("5m/ETH_BTC_5m_freqtrade.csv.gz", "5m", None),
        ("15m/ADAUSDT_15m.csv.gz", "15m", 2_880),
        ("60m/SOLUSDT_60m.csv.gz", "1h", None),
        ("240m/ETHUSDT_240m.csv.gz", "4h", None),
    ],
)
def test_recorded_files_are_read(recorded_data: Path, name: str, timeframe: str, count: int | None):
    with gzip.open(recorded_data / "ohlcv" / name) as lines:
        bars = read_bars(lines, symbol="BTC/USDT")

    assert {bar.timeframe for bar in bars} == {timeframe}
    assert count is None or len(bars) == count


def test_a_recorded_file_with_two_bars_of_a_day_is_refused_with_their_lines(recorded_data: Path):
    with (
        gzip.open(recorded_data / "ohlcv" / "1d" / "BTC-USD_yahoo.csv.gz") as lines,
        pytest.raises(InvalidInput, match=r"line 90: has the time of line 89"),
    ):
        read_bars(lines, symbol="BTC/USD")
