"""What people mean by an id, the beginning of one, or a name."""

import pytest

from crypto_portfolio_analyzer.cli.failures import MISUSED, NOT_FOUND, Failed
from crypto_portfolio_analyzer.cli.finding import one_of

ENTRIES = [
    {"id": "abcd1", "name": "bot"},
    {"id": "abce2", "name": "abcd1 twin"},
    {"id": "ffff3", "name": "x"},
]


def test_id_name_and_the_beginning_of_an_id_are_understood():
    found = [one_of(ENTRIES, text, "channel", "look")["id"] for text in ("abcd1", "bot", "FFF", "abce")]

    assert found == ["abcd1", "abcd1", "ffff3", "abce2"]


def test_what_means_several_or_none_is_said_with_the_next_command():
    with pytest.raises(Failed) as several:
        one_of(ENTRIES, "abc", "channel", "look")
    with pytest.raises(Failed) as none:
        one_of(ENTRIES, "zz", "channel", "look")

    assert (several.value.problem.exit_code, none.value.problem.exit_code) == (MISUSED, NOT_FOUND)
    assert "2 channels begin with 'abc': abcd1, abce2" in several.value.problem.what
    assert (none.value.problem.what, none.value.problem.fix) == ("no channel 'zz'", "look")
