"""Output: data on stdout, remarks on stderr, tables that fit, nothing that drives a terminal."""

import io
import json

import pytest

from crypto_portfolio_analyzer.cli.output import Column, Output, safe, table_lines

COLUMNS = (
    Column("SYMBOL"),
    Column("PRICE", ">"),
    Column("SPREAD", ">", weight=1),
    Column("1H", ">", weight=2),
)
ROWS = [["BTC/USDT", "65,012.40", "0.01%", "▲ +0.4%"], ["X", "1", "–", "–"]]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def streams():
    return Terminal(), Terminal()


def test_data_goes_to_stdout_and_remarks_to_stderr():
    out, err = io.StringIO(), io.StringIO()
    output = Output(stdout=out, stderr=err)

    output.document({"a": "1"})
    output.line({"b": "2"})
    output.note("a remark")
    output.complain("an error")

    assert [json.loads(line) for line in out.getvalue().splitlines()] == [{"a": "1"}, {"b": "2"}]
    assert err.getvalue() == "a remark\nan error\n"


def test_quiet_keeps_errors_only():
    err = io.StringIO()
    output = Output(quiet=True, stdout=io.StringIO(), stderr=err)

    output.note("a remark")
    output.complain("an error")

    assert err.getvalue() == "an error\n"


def test_json_is_free_of_control_characters():
    out = io.StringIO()

    Output(stdout=out, stderr=out).line({"name": "\x1b[2J\x9b\u202e"})

    assert not set(out.getvalue()) & {"\x1b", "\x9b", "\u202e"}


@pytest.mark.parametrize(
    ("width", "heads"),
    [
        (None, "SYMBOL PRICE SPREAD 1H"),
        (60, "SYMBOL PRICE SPREAD 1H"),
        (30, "SYMBOL PRICE 1H"),
        (20, "SYMBOL PRICE"),
    ],
)
def test_narrow_terminals_lose_the_least_important_columns_first(width, heads):
    lines = table_lines(COLUMNS, ROWS, width)

    assert lines[0].split() == heads.split()
    assert len(lines) == 3
    assert all(len(line) <= (width or 999) for line in lines)


def test_a_last_column_that_does_not_fit_is_cut_not_wrapped():
    assert table_lines((Column("A"),), [["x" * 50]], 20) == ["A", "x" * 20]


def test_numbers_stand_right_and_names_left():
    head, first, second = table_lines(COLUMNS[:2], [row[:2] for row in ROWS], None)

    assert head == "SYMBOL        PRICE"
    assert first == "BTC/USDT  65,012.40"
    assert second == "X                 1"


def test_colour_needs_a_terminal_that_wants_it(streams, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out, err = streams

    assert Output(stdout=out, stderr=err).paint("x", "bad") == "\x1b[31mx\x1b[0m"
    assert Output(stdout=io.StringIO(), stderr=err).paint("x", "bad") == "x"
    monkeypatch.setenv("NO_COLOR", "1")
    assert Output(stdout=out, stderr=err).paint_err("x", "bad") == "x"
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert Output(stdout=out, stderr=err).paint("x", "bad") == "x"
    assert not Output(stdout=out, stderr=err).is_terminal


def test_foreign_text_is_written_out():
    assert safe("a\nb\x1b[2J\u202e") == "a\\nb\\x1b[2J\\u202e"
