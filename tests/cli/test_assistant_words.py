"""What assistants are told is true: every example can be read, every series is there."""

import re

import pytest

from crypto_portfolio_analyzer.cli.assistant_words import LANGUAGE, reference
from crypto_portfolio_analyzer.core.conditions.editor import describe_series
from crypto_portfolio_analyzer.core.conditions.reading import read_condition

EXAMPLES = re.findall(r"^    (\S.*)$", LANGUAGE, re.MULTILINE)


@pytest.mark.parametrize("condition", EXAMPLES)
def test_every_example_is_a_condition(condition):
    assert read_condition(condition, "1m").spelling


def test_there_are_examples():
    assert len(EXAMPLES) >= 10


def test_every_series_is_named_and_the_whole_fits_a_conversation():
    told = reference()

    assert all(f"- `{each['signature']}`" in told for each in describe_series())
    assert len(told) < 16_000
