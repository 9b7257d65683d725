"""Every letter of our sentences and numbers can be drawn; what cannot be is a box and nothing worse."""

import pytest
from PIL import Image, ImageDraw

from crypto_portfolio_analyzer.charts.lettering import BOX, Lettering, fitted, width_of, wrapped
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.summary import summarise

OURS = "äöüÄÖÜß–−—×÷±≥≤°·…“”„▲▼₀₅₉\u00a0→"


def drawn(text: str, size: int = 60) -> bytes:
    image = Image.new("L", (1400, 110))
    Lettering(ImageDraw.Draw(image)).write(10, 80, text, size, "white")
    return image.tobytes()


@pytest.mark.parametrize("letter", OURS.replace("\u00a0", ""))
def test_every_letter_of_ours_has_a_picture_of_its_own(letter):
    assert drawn(letter) not in (drawn(""), drawn("中"))


def test_what_cannot_be_drawn_is_a_box_each():
    assert drawn("中") == drawn("🚀") == drawn("\u202e") == drawn("\x00")
    assert width_of("中🚀\u202e", 60) == pytest.approx(3 * BOX.width * 60)


def test_umlauts_differ_from_their_letters_and_from_each_other():
    assert len({drawn(letter) for letter in "aäoöuüAÄOÖUÜ"}) == 12


def test_accents_that_nobody_needs_here_leave_the_letter():
    assert drawn("Café") == drawn("Cafe")


def test_figures_stand_in_columns():
    assert len({width_of(figure * 10, 44) for figure in "0123456789"}) == 1
    assert width_of("−", 44) == pytest.approx(width_of("0", 44), abs=1)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    "condition", ["rsi(14) on 1h > 70", "price crosses below 0.000008412", "volume > 2 * sma(volume, 20)"]
)
def test_no_sentence_of_ours_needs_a_box(language, condition):
    sentence = summarise(read_condition(condition), "BTC/USDT", language)
    numbers = formats.change(-12.4, language=language) + formats.price(
        0.000008412, language=language, short=True
    )

    for letter in set(sentence + numbers):
        assert drawn(letter) != drawn("中"), letter


def test_a_text_is_cut_to_its_room():
    cut = fitted("a long name that goes on and on", 40, 200)

    assert cut.endswith("...")
    assert width_of(cut, 40) <= 200
    assert fitted("short", 40, 200) == "short"


def test_a_sentence_is_broken_between_words_and_cut_at_the_end():
    lines = wrapped("the price crosses above 65,000 and stays there for a very long time", 40, 400, 2)

    assert len(lines) == 2
    assert all(width_of(line, 40) <= 400 for line in lines)
    assert (lines[0].endswith("..."), lines[1].endswith("...")) == (False, True)


def test_bold_is_blacker():
    image = [Image.new("L", (400, 110)) for _ in range(2)]
    for each, bold in zip(image, (False, True), strict=True):
        Lettering(ImageDraw.Draw(each)).write(10, 80, "65,012.40", 60, "white", bold=bold)

    assert sum(image[1].tobytes()) > 1.2 * sum(image[0].tobytes())
