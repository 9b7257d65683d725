"""The picture of a back-test: well-formed, complete, harmless, and true to scale."""

import re
from math import nan
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.charts.backtest_picture import (
    BOTTOM,
    DARK,
    LEFT,
    LIGHT,
    MOST_CANDLES,
    MOST_COLUMNS,
    RIGHT,
    TOP,
    Mark,
    backtest_picture,
)
from crypto_portfolio_analyzer.core.market import Bar
from tests.fakes import MINUTE, NOON

SVG = "{http://www.w3.org/2000/svg}"


def bars(*closes: float, first: int = NOON) -> list[Bar]:
    """Return a minute for each close, a point above and below it, opening at the close before."""
    opens = (closes[0], *closes)
    return [
        Bar(
            "binance", "BTC/USDT", "1m", first + number * MINUTE, first + (number + 1) * MINUTE,
            opens[number], max(opens[number], close) + 1, min(opens[number], close) - 1, close, 1.0, True, 0,
        )
        for number, close in enumerate(closes)
    ]  # fmt: skip


def read(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def of_class(root: ElementTree.Element, name: str, tag: str = "") -> list[ElementTree.Element]:
    return [each for each in root.iter() if each.get("class") == name and each.tag.endswith(tag)]


def place(mark: ElementTree.Element) -> tuple[float, float]:
    return float(mark.attrib["cx"]), float(mark.attrib["cy"])


def test_every_firing_has_a_mark_where_and_when_it_was():
    past = bars(100, 110, 120)
    marks = [Mark(NOON, 120.0), Mark(NOON + 3 * MINUTE, 99.0), Mark(NOON + MINUTE, None), Mark(NOON, nan)]

    rings = of_class(read(backtest_picture(past, marks, title="t")), "mark")

    (left, top), (right, bottom), nothing, unknown = map(place, rings)
    assert (left, right) == (LEFT, RIGHT)
    assert TOP < top < bottom < BOTTOM
    assert nothing[1] == unknown[1] == BOTTOM
    assert [each[0].text for each in rings[:3]] == [
        "2026-11-20 12:00:00 UTC, 120", "2026-11-20 12:03:00 UTC, 99", "2026-11-20 12:01:00 UTC",
    ]  # fmt: skip


def test_few_bars_are_candles_hollow_if_they_rose_and_filled_if_they_fell():
    root = read(backtest_picture(bars(100, 110, 105), [], title="t"))
    candles = of_class(root, "candle")

    fills = [each.find(f"{SVG}rect").attrib["fill"] for each in candles]  # type: ignore[union-attr]  # each has one
    assert fills == [LIGHT.surface, LIGHT.surface, LIGHT.down]
    assert [each.attrib["stroke"] for each in candles] == [LIGHT.up, LIGHT.up, LIGHT.down]


def test_many_bars_are_a_line_in_a_band_that_stays_small():
    past = bars(*(100 + number % 50 for number in range(50_000)))
    text = backtest_picture(past, [], title="t")
    (closes,) = of_class(read(text), "closes")

    assert of_class(read(text), "candle") == []
    assert len(of_class(read(text), "band")) == 1
    assert closes.attrib["d"].count("L") < MOST_COLUMNS
    assert len(text) < 40_000


def test_the_line_is_interrupted_where_bars_are_missing():
    past = bars(*range(100, 101 + MOST_CANDLES)) + bars(200, 201, first=NOON + 1000 * MINUTE)

    assert len(of_class(read(backtest_picture(past, [], title="t")), "closes")) == 2


@pytest.mark.parametrize(("level", "is_drawn", "words"), [(105.5, True, "105.5"), (5000, False, "↑ 5,000")])
def test_a_level_is_drawn_to_scale_or_named_at_the_edge(level, is_drawn, words):
    root = read(backtest_picture(bars(100, 110), [], title="t", level=level))

    assert len(of_class(root, "level", "path")) == is_drawn
    assert [each.text for each in of_class(root, "level", "text")] == [words]
    assert of_class(read(backtest_picture(bars(100, 110), [], title="t")), "level") == []


def test_a_low_level_points_down_and_a_near_one_widens_the_scale():
    low = read(backtest_picture(bars(100, 110), [], title="t", level=1))
    near = read(backtest_picture(bars(100, 110), [], title="t", level=113))

    assert [each.text for each in of_class(low, "level")] == ["↓ 1"]
    assert len(of_class(near, "level", "path")) == 1


def test_the_title_is_the_question_and_the_time_is_utc():
    root = read(backtest_picture(bars(1, 2), [], title="BTC: above 1", subtitle="fired never"))
    texts = [each.text for each in root.iter(f"{SVG}text")]

    assert (root[0].text, texts[:2]) == ("BTC: above 1", ["BTC: above 1", "fired never"])
    assert "UTC" in texts
    assert [each.text for each in of_class(root, "time")] == ["12:00", "12:01", "12:02"]


def test_a_long_question_takes_two_lines_and_is_whole_as_the_picture_s_name():
    title = "the price is above 1 and " * 20
    root = read(backtest_picture(bars(1, 2), [], title=title))
    shown = [each.text or "" for each in of_class(root, "title")]

    assert len(shown) == 2
    assert shown[-1].endswith("…")
    assert root[0].text == title


def test_only_a_simulated_market_bears_the_mark_and_colours_follow_the_theme():
    real = backtest_picture(bars(1, 2), [], title="t")
    played = backtest_picture(bars(1, 2), [], title="t", is_simulated=True, is_dark=True)

    assert of_class(read(real), "watermark") == []
    assert [each.text for each in of_class(read(played), "watermark")] == ["SIMULATED"]
    assert LIGHT.surface in real
    assert LIGHT.surface not in played
    assert DARK.surface in played


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_out_of_the_picture(text):
    hostile = f"</text><script>alert(1)</script>\"'&\x00\u202e{text}"
    root = read(backtest_picture(bars(1, 2), [], title=hostile, subtitle=hostile))

    tags = {each.tag.removeprefix(SVG) for each in root.iter()}
    assert tags <= {"svg", "title", "rect", "text", "path", "g", "circle"}
    assert not any(letter in (root[0].text or "") for letter in "\x00\u202e")
    assert "<script>alert(1)</script>" in (root[0].text or "")


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(1e-8, 1e8), min_size=1, max_size=200),
    st.lists(st.integers(0, 200), max_size=20),
    st.none() | st.floats(1e-9, 1e9),
)
def test_any_market_gives_a_picture_with_all_its_marks_inside(closes, places, level):
    past = bars(*closes)
    marks = [Mark(NOON + place % len(past) * MINUTE, past[place % len(past)].close) for place in places]
    root = read(backtest_picture(past, marks, title="t", level=level))

    rings = [place(each) for each in of_class(root, "mark")]
    assert len(rings) == len(marks)
    assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in rings)
    assert not re.search(r"\b(nan|inf)\b", ElementTree.tostring(root, "unicode"))
