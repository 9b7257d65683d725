"""Tests of core/judging/tables.py; tables at work stand in test_board.py."""

import math

import pytest

from crypto_portfolio_analyzer.core.judging.tables import Cell, Sheet, Table
from crypto_portfolio_analyzer.core.series.columns import SPARE, Sma
from tests.core.series.samples import bars_of, walk

SUBJECTS = [f"S{number}" for number in range(SPARE + 5)]
HISTORY = [bars_of(walk(seed, 8), symbol=name) for seed, name in enumerate(SUBJECTS)]


@pytest.fixture
def sheet():
    table = Table()
    made = Sheet(table, Sma({"length": 3}), ("close",))
    table.sheets.append(made)
    return made


def close(sheet, cells, at):
    """Let bar `at` of the cells' subjects close."""
    bars = [HISTORY[SUBJECTS.index(name)][at] for name in cells]
    sheet.table.close(bars)
    for cell, bar in zip(cells.values(), bars, strict=True):
        cell.update(bar)


def mean(name, at):
    return sum(bar.close for bar in HISTORY[SUBJECTS.index(name)][at - 2 : at + 1]) / 3


def test_a_cell_waits_for_its_bars_then_the_table_takes_them(sheet):
    cells = {name: Cell(sheet, name, 3) for name in SUBJECTS[:2]}

    for at in range(5):
        close(sheet, cells, at)

        assert [cell.lacks() for cell in cells.values()] == [2 - at] * 2
        assert all(math.isnan(cell.value(0)) == (at < 2) for cell in cells.values())
    for name, cell in cells.items():
        assert math.isclose(cell.value(0), mean(name, 4))
        assert math.isclose(cell.value_before(0), mean(name, 3))


def test_a_cell_is_peeked_while_it_waits_and_later(sheet):
    cell = Cell(sheet, "S0", 3)
    for at in range(5):
        (peeked,) = cell.peek(HISTORY[0][at])
        close(sheet, {"S0": cell}, at)

        assert peeked == cell.value(0) or (at < 2 and math.isnan(peeked))


def test_rows_are_shared_counted_and_freed():
    table = Table()

    rows = [table.hold(name) for name in SUBJECTS]

    assert len(set(rows)) == len(SUBJECTS)
    assert table.hold("S3") == rows[3]
    table.release("S3")
    assert table.hold("S3") == rows[3]
    table.release("S3")
    table.release("S3")
    assert table.hold("new") == rows[3]


def test_the_members_that_stay_keep_their_values_when_one_leaves(sheet):
    cells = {name: Cell(sheet, name, 3) for name in SUBJECTS}
    for at in range(4):
        close(sheet, cells, at)

    cells.pop("S0").leave()
    close(sheet, cells, 4)

    assert len(sheet) == len(cells) == SPARE + 4
    for name, cell in cells.items():
        assert math.isclose(cell.value(0), mean(name, 4))


def test_a_history_is_taken_whole(sheet):
    cell = Cell(sheet, "S0", 3)

    cell.fill(HISTORY[0][:6])

    assert cell.lacks() == -3
    assert math.isclose(cell.value(0), mean("S0", 5))
    assert math.isclose(cell.value_before(0), mean("S0", 4))
