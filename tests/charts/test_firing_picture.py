"""The picture of a firing: its size, its colours, what is marked, and that nothing breaks it."""

from io import BytesIO

import pytest
from PIL import Image

from crypto_portfolio_analyzer.charts import firing_picture
from crypto_portfolio_analyzer.charts.backtest_picture import DARK, LIGHT
from crypto_portfolio_analyzer.charts.firing_picture import (
    HEIGHT,
    LETTERS,
    LINE,
    SENTENCE,
    TITLE,
    WIDTH,
    draw,
)
from crypto_portfolio_analyzer.core.notices.pictures import Candle, Curve
from tests.charts.orders import candles, order, pane
from tests.fakes import MINUTE, NOON

MOST = 150_000


def picture(**changes) -> Image.Image:
    png = draw(order(**changes))
    assert len(png) <= MOST
    opened = Image.open(BytesIO(png))
    assert (opened.format, opened.size) == ("PNG", (WIDTH, HEIGHT))
    return opened.convert("RGB")


def has(image: Image.Image, colour: str, least: int = 50, *, box=None) -> bool:
    """Tell whether a colour is in a picture often enough, nearly as the palette keeps it."""
    return count_of(image.crop(box) if box else image, colour) >= least


def count_of(image: Image.Image, colour: str) -> int:
    wanted = bytes.fromhex(colour[1:])
    return sum(
        count
        for count, each in colours_of(image)
        if all(abs(a - b) <= 8 for a, b in zip(each, wanted, strict=True))
    )


def colours_of(image: Image.Image) -> list[tuple[int, tuple[int, ...]]]:
    return image.getcolors(WIDTH * HEIGHT) or []  # type: ignore[return-value]  # of an RGB picture


def test_it_can_be_read_at_a_third_of_its_size():
    assert (WIDTH, HEIGHT) == (960, 720)
    assert (LETTERS, SENTENCE, TITLE, LINE) == (36, 44, 50, 4)


@pytest.mark.parametrize(("theme", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_it_has_the_colours_of_its_theme(theme, colours):
    image = picture(theme=theme)

    assert has(image, colours.surface, WIDTH * HEIGHT // 2)
    assert all(has(image, each) for each in (colours.text, colours.up, colours.down, colours.alert))
    assert not has(image, colours.simulated)


def test_simulated_and_late_are_marked_at_the_top():
    corner = (WIDTH // 2, 0, WIDTH, 80)

    assert has(picture(simulated=True), LIGHT.simulated, box=corner)
    assert has(picture(late=250.0), LIGHT.alert, box=corner)
    assert not has(picture(), LIGHT.alert, box=corner)


def test_a_rising_candle_is_hollow_and_a_falling_one_filled():
    at = [NOON, NOON + 15 * MINUTE]
    bodies = (Candle(at[0], 100, 111, 99, 110), Candle(at[1], 110, 111, 99, 100))
    image = picture(candles=bodies, levels=(), price=104.0, at=at[0], change=None)

    filled, hollow = (
        max(_run(image, y, colour) for y in range(250, 450)) for colour in ((173, 31, 18), (18, 112, 106))
    )
    assert filled >= 9
    assert 2 <= hollow <= 6


def _run(image: Image.Image, y: int, colour: tuple[int, int, int]) -> int:
    """Return the longest run of a colour in a row."""
    row = "".join("x" if image.getpixel((x, y)) == colour else " " for x in range(WIDTH))
    return max(map(len, row.split(" ")))


def test_the_level_is_dashed_and_its_label_boxed():
    image = picture(levels=(65_000.0,))
    labels = image.crop((WIDTH - 220, 120, WIDTH, 480))

    assert has(labels, LIGHT.alert, 300)


def test_a_level_far_away_is_named_and_does_not_flatten_the_candles():
    near, far = picture(levels=()), picture(levels=(500_000.0,))

    assert abs(_height_of_candles(near) - _height_of_candles(far)) < 40


def _height_of_candles(image: Image.Image) -> int:
    rows = [
        y
        for y in range(132, 560)
        for x in range(30, 500, 3)
        if image.getpixel((x, y)) in ((173, 31, 18), (18, 112, 106))
    ]
    return max(rows) - min(rows)


def test_the_second_pane_is_there_only_if_a_second_series_decided():
    below = (30, 380, 600, 480)

    assert has(picture(pane=pane(), deciding="RSI(14) on 1h 71.2 > 70"), LIGHT.price, box=below)
    assert not has(picture(), LIGHT.price)


def test_a_curve_stops_at_unknown_values_and_missing_candles():
    whole = candles()
    flat = Curve(tuple(65_000.0 for _ in whole))
    half = Curve((None,) * 32 + flat.values[32:])

    half_drawn, whole_drawn = (count_of(picture(curves=(each,)), LIGHT.price) for each in (half, flat))
    assert 0 < half_drawn < 0.7 * whole_drawn


def test_at_most_three_prices_are_written(monkeypatch):
    written = []
    monkeypatch.setattr(
        firing_picture,
        "_price_label",
        lambda _canvas, _left, _middle, text, *, is_level: written.append(text),
    )
    draw(order(levels=(64_000.0, 65_000.0, 66_000.0), candles=candles(seed=4)))

    assert 1 <= len(written) <= 3


@pytest.mark.parametrize(
    "changes",
    [
        {"candles": candles(1), "levels": ()},
        {"candles": (Candle(NOON, 5.0, 5.0, 5.0, 5.0),), "price": 5.0, "levels": (5.0,)},
        {"candles": candles(64, 0.000008412), "levels": (0.0000085,), "digits": 9, "price": 0.000008412},
        {"candles": candles(64, 1e15), "levels": (1e15,)},
        {"candles": candles(64, without=range(20, 30))},
        {"language": "de", "zone": "Europe/Berlin", "late": 250.0, "simulated": True},
        {"zone": "Nowhere/At/All"},
        {"zone": "../../etc/passwd"},
        {"symbol": "狗🚀\u202e<b>evil</b>\x00" * 20, "simulated": True, "late": 1.0},
        {"condition": "ist größer als " * 40},
        {"condition": ""},
        {"change": None},
        {"change": -0.001},
        {"at": 0},
        {"pane": pane(), "deciding": "x" * 300},
        {"levels": (0.0,)},
    ],
)
def test_nothing_breaks_it(changes):
    picture(**changes)


def test_the_same_order_gives_the_same_bytes():
    assert draw(order()) == draw(order())
