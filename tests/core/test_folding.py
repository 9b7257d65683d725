"""Longer bars from a file's own: whole ones, torn ones, never invented ones."""

from itertools import accumulate, chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.bars import fold
from crypto_portfolio_analyzer.core.folding import Folding
from crypto_portfolio_analyzer.core.market import Bar, BarKind
from crypto_portfolio_analyzer.core.timeframes import HOUR, parse_timeframe
from crypto_portfolio_analyzer.errors import InvalidInput
from tests.fakes import MINUTE, NOON


def minute(at: int, price: float = 100.0, volume: float = 1.0) -> Bar:
    open_at = NOON + at * MINUTE
    return Bar(
        "file", "BTC/USDT", "1m", open_at, open_at + MINUTE, price, price + 1, price - 1, price, volume, True,
        open_at + MINUTE,
    )  # fmt: skip


def folded(bars: list[Bar], *targets: str) -> list[Bar]:
    folding = Folding("1m", targets)
    return list(chain.from_iterable([*folding.ended_before(bar), *folding.closed_by(bar)] for bar in bars))


def test_a_bar_is_closed_by_the_last_of_its_parts():
    bars = [minute(at, 100.0 + at) for at in range(5)]

    assert folded(bars, "5m") == [
        fold(bars, parse_timeframe("5m"), bars[-1].close_at, closed=True, whole=True)
    ]
    assert folded(bars[:4], "5m") == []


def test_all_that_end_together_come_together_the_shortest_first():
    closed = folded([minute(at) for at in range(60)], "1h", "15m", "1m", "15m")

    assert [bar.timeframe for bar in closed] == ["15m", "15m", "15m", "15m", "1h"]


def test_a_leading_bar_that_is_not_covered_from_its_start_never_comes():
    closed = folded([minute(at) for at in range(2, 10)], "5m")

    assert [bar.open_at for bar in closed] == [NOON + 5 * MINUTE]


def test_what_ended_in_a_hole_is_closed_at_its_end_and_marked():
    closed = folded([minute(at) for at in (0, 1, 2, 11, 12, 13, 14)], "5m")

    assert [(bar.open_at, bar.received_at, bar.kind) for bar in closed] == [
        (NOON, NOON + 5 * MINUTE, BarKind.APPROXIMATED),
        (NOON + 10 * MINUTE, NOON + 15 * MINUTE, BarKind.APPROXIMATED),
    ]


def test_the_forming_bar_takes_in_an_unfinished_part():
    folding = Folding("1m", ["5m"])
    for at in range(2):
        folding.ended_before(minute(at))
        folding.closed_by(minute(at))
    part = minute(2, 200.0)
    folding.ended_before(part)

    forming = folding.forming("5m", part)

    assert forming is not None
    assert (forming.closed, forming.high, forming.close, forming.volume) == (False, 201.0, 200.0, 3.0)
    assert folding.forming("1m", part) is part
    assert folding.forming("1h", part) is None, "nobody asked for it"


def test_a_timeframe_that_cannot_be_built_is_refused():
    with pytest.raises(InvalidInput, match="bars of 1m cannot be built from bars of 1h"):
        Folding("1h", ["1m"])


@given(st.lists(st.integers(0, 3), min_size=1, max_size=20))
def test_the_forming_bar_is_what_its_parts_make_whenever_it_is_asked(asked_after: list[int]):
    folding, frame = Folding("1m", ["15m"]), parse_timeframe("15m")
    bars = [minute(at, 100.0 + at % 7, float(at % 3)) for at in range(60)]
    places = set(accumulate(asked_after))

    for place, each in enumerate(bars):
        folding.ended_before(each)
        if place in places:
            parts = [*bars[place - place % 15 : place], each]
            assert folding.forming("15m", each) == fold(parts, frame, each.close_at, closed=False, whole=True)
        folding.closed_by(each)


@given(st.sets(st.integers(0, 400), min_size=1), st.sampled_from(["2m", "5m", "15m", "1h"]))
def test_with_any_holes_each_bar_holds_exactly_its_minutes(places: set[int], timeframe: str):
    frame, bars = parse_timeframe(timeframe), [minute(at, 100.0 + at) for at in sorted(places)]
    closed = folded(bars, timeframe)

    assert [bar.open_at for bar in closed] == sorted({bar.open_at for bar in closed})
    for bar in closed:
        own = [each for each in bars if bar.open_at <= each.open_at < bar.close_at]
        assert bar == fold(own, frame, bar.close_at, closed=True, whole=len(own) == frame.length // MINUTE)
    missing = {frame.open_of(bar.open_at) for bar in bars} - {bar.open_at for bar in closed}
    allowed = {frame.open_of(bars[-1].open_at)}
    if bars[0].open_at % frame.length:
        allowed.add(frame.open_of(bars[0].open_at))
    assert missing <= allowed
    assert HOUR % frame.length == 0
