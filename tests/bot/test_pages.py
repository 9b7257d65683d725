"""Buttons carry 64 bytes, and say what they are for."""

import pytest

from crypto_portfolio_analyzer.bot.pages import data, read_data, rows_of
from crypto_portfolio_analyzer.channels.telegram_buttons import Button


def test_what_a_button_says_comes_back():
    assert read_data(data("alerts", 3, "edit")) == ("alerts", ["3", "edit"])
    assert read_data(data("menu")) == ("menu", [])


@pytest.mark.parametrize("text", ["", "m", "v1:seen:abc", "x:menu"])
def test_what_is_none_of_ours_is_nothing(text):
    assert read_data(text) is None


def test_more_than_telegram_takes_is_refused():
    assert len(data("x" * 62).encode()) == 64
    with pytest.raises(ValueError, match="65 bytes"):
        data("x" * 61 + "é")


def test_rows_are_as_wide_as_wanted():
    buttons = [Button(str(number)) for number in range(5)]

    assert [[each.text for each in row] for row in rows_of(buttons, 2)] == [["0", "1"], ["2", "3"], ["4"]]
