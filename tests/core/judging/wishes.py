"""Values to want of a board, and a way to run them."""

import numpy as np

from crypto_portfolio_analyzer.core.conditions.tree import Arithmetic, Series, Window
from crypto_portfolio_analyzer.core.judging.board import Board
from crypto_portfolio_analyzer.core.series.catalog import Domain, Unit

SYMBOL = "BTC/USDT"


def series(kind, *arguments, output="", source=None, back=0, timeframe="1m", subject=None):
    return Series(
        kind, output, arguments, Unit.NUMBER, Domain.BAR, timeframe, source, back=back, subject=subject
    )


def window(name, value, bars, back=0):
    return Window(name, value, Unit.NUMBER, bars=bars, timeframe="1m", back=back)


def minus(left, right):
    return Arithmetic("-", left, right, Unit.NUMBER)


def file_board():
    return Board(settle=False, columnar=False)


def run(slot, board, bars):
    """Close bars one by one; return the slot's values, having compared each with its peek."""
    values = []
    for bar in bars:
        peeked = slot.peek(bar)
        board.close([bar])
        values.append(slot.value)
        np.testing.assert_equal(peeked, slot.value)
    return np.array(values)
