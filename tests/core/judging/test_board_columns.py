"""A board with columns tells what a board without tells, whoever comes, goes and closes."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.judging import board as module
from crypto_portfolio_analyzer.core.judging.board import Board
from tests.core.judging.wishes import minus, series, window
from tests.core.series.samples import bars_of, walk

COLUMNAR = (
    series("sma", 20, source=series("volume")),
    series("ema", 9),
    series("rsi", 14),
    series("macd", 12, 26, 9, output="signal"),
    series("bollinger", 20, 2.0, output="percent_b"),
    series("atr", 14),
    minus(series("close"), series("ema", 9)),
    window("highest", series("rsi", 14), 5),
)
SUBJECTS = [f"S{number}/USDT" for number in range(8)]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["all", "all", "some", "seed", "leave", "join"]),
        st.integers(0, 7),
        st.integers(0, 40),
    ),
    min_size=3,
    max_size=10,
)
HISTORY = {subject: bars_of(walk(seed, 500), symbol=subject) for seed, subject in enumerate(SUBJECTS)}


class Twins:
    """The same wishes and bars on a board with columns and on one without."""

    def __init__(self):
        self.boards = [Board(settle=False, columnar=each) for each in (False, True)]
        self.slots = {}
        self.at = dict.fromkeys(SUBJECTS, 0)

    def join(self, subject, _number=0):
        if subject not in self.slots:
            self.slots[subject] = [
                [each.want(subject, value, "1m") for value in COLUMNAR] for each in self.boards
            ]

    def leave(self, subject, _number=0):
        for board, slots in zip(self.boards, self.slots.pop(subject, ()), strict=False):
            for slot in slots:
                board.release(slot)

    def seed(self, subject, number):
        for board in self.boards:
            board.seed(subject, "1m", HISTORY[subject][:number])
        self.at[subject] = number

    def close(self, subjects):
        closed = [HISTORY[subject][self.at[subject]] for subject in subjects]
        for board in self.boards:
            board.close(closed)
        for subject in subjects:
            self.at[subject] += 1

    def step(self, action, which, number):
        subject = SUBJECTS[which]
        match action:
            case "all":
                for _ in range(number):
                    self.close(SUBJECTS)
            case "some":
                self.close(SUBJECTS[which:])
            case _:
                getattr(self, action)(subject, number)

    def assert_alike(self):
        for subject, (singly, together) in self.slots.items():
            forming = HISTORY[subject][self.at[subject]]
            for one, other in zip(singly, together, strict=True):
                assert (one.seen, one.needs) == (other.seen, other.needs)
                pairs = (
                    (one.value, other.value),
                    (one.before, other.before),
                    (one.peek(forming), other.peek(forming)),
                )
                for mine, theirs in pairs:
                    np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-9)


@settings(max_examples=50, deadline=None)
@given(steps=STEPS)
def test_columns_equal_what_is_computed_one_by_one(steps):
    few, module.FEW = module.FEW, 2
    try:
        twins = Twins()
        for subject in SUBJECTS[:6]:
            twins.join(subject)
        for step in steps:
            twins.step(*step)
            twins.assert_alike()
        for subject in SUBJECTS:
            twins.leave(subject)
    finally:
        module.FEW = few


def test_a_column_is_used_only_when_many_want_it():
    board = Board(settle=False, columnar=True)
    slots = [board.want(f"S{number}/USDT", series("ema", 9), "1m") for number in range(module.FEW + 3)]

    assert sum(bool(slot.chart.cells) for slot in slots) == 3
    assert all(bool(slot.chart.cells) != bool(slot.chart.computations) for slot in slots)
