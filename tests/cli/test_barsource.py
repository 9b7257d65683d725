"""Bars for a back-test from a file, packed or not."""

import gzip

import pytest

from crypto_portfolio_analyzer.cli.barsource import bars_of_file
from crypto_portfolio_analyzer.errors import InvalidInput

ROWS = b"timestamp,open,high,low,close,volume\n1795176000,10,12,9,11,5\n1795176060,11,11,11,11,0\n"


def test_a_plain_and_a_packed_file_hold_the_same(tmp_path):
    plain, packed = tmp_path / "btc.csv", tmp_path / "btc.csv.gz"
    plain.write_bytes(ROWS)
    packed.write_bytes(gzip.compress(ROWS))

    bars = bars_of_file(plain, symbol="BTCUSDT", timeframe=None)

    assert bars == bars_of_file(packed, symbol="BTC", timeframe=None)
    assert {bar.symbol for bar in bars} == {"BTC/USDT"}
    assert {bar.symbol for bar in bars_of_file(plain, symbol=None, timeframe=None)} == {"btc"}


def test_a_fault_names_file_and_line(tmp_path):
    path = tmp_path / "btc.csv"
    path.write_bytes(ROWS + b"1795176120,1,2,3,4,5\n")

    with pytest.raises(InvalidInput, match=r"btc\.csv, line 4: high 2 is below low 3; "):
        bars_of_file(path, symbol=None, timeframe=None)


def test_a_cut_packed_file_and_one_line_without_end_are_refused(tmp_path):
    cut, endless = tmp_path / "cut.csv.gz", tmp_path / "endless.csv.gz"
    rows = (f"{1795176000 + 60 * at},1,1,1,1,{at}\n" for at in range(5000))
    cut.write_bytes(gzip.compress(ROWS[:37] + "".join(rows).encode())[:-20])
    endless.write_bytes(gzip.compress(b"1" * 50_000_000))

    with pytest.raises(InvalidInput, match="cut or damaged"):
        bars_of_file(cut, symbol=None, timeframe=None)
    with pytest.raises(InvalidInput, match="line 1: has more than 4096 characters"):
        bars_of_file(endless, symbol=None, timeframe=None)
