"""Reading options: every fault at once, each with what would be right."""

from math import inf, nan

import pytest

from crypto_portfolio_analyzer.channels.kinds import Option
from crypto_portfolio_analyzer.channels.options import Options
from crypto_portfolio_analyzer.errors import InvalidFields, InvalidInput

KNOWN = (
    Option("to", "text", "whom to tell", is_needed=True),
    Option("key", "secret", "the key"),
    Option("url", "url", "where"),
    Option("mode", "choice", "how", default="soft", choices=("soft", "hard")),
    Option("loud", "flag", "whether it is loud"),
    Option("seconds", "number", "how long"),
)


def read(given, *, kept=()):
    options = Options(given, KNOWN, kept=kept)
    options.text("to", longest=20, pattern=r"\+\d+", remedy="write +1")
    options.text("key")
    options.url("url", refuse)
    options.choice("mode")
    options.flag("loud")
    options.number("seconds", 1, 60)
    return options.checked()


def refuse(text):
    if text != "https://a.b":
        raise InvalidInput("this is no place; write https://a.b")
    return text + "/"


def faults(given):
    with pytest.raises(InvalidFields) as caught:
        read(given)
    assert all(each.problem and each.remedy for each in caught.value.faults)
    return [each.path for each in caught.value.faults]


def test_what_is_right_is_stored_with_its_defaults():
    given = {"to": " +1 ", "url": "https://a.b", "seconds": 5, "loud": True}

    assert read(given) == {"to": "+1", "url": "https://a.b/", "mode": "soft", "seconds": 5, "loud": True}


def test_what_is_kept_beside_the_options_stays():
    assert read({"to": "+1", "old_secret": "x"}, kept=("old_secret",))["old_secret"] == "x"


def test_every_fault_is_told_at_once():
    given = {"to": "1", "key": 5, "url": "x", "mode": "odd", "loud": "yes", "seconds": 0, "unknwon": 1}

    assert sorted(faults(given)) == sorted(given)


@pytest.mark.parametrize("to", [None, "", 5, [], {}, True, "+1\r\nx", "+1\x00", "+" + "1" * 30, "+\u0661"])
def test_a_text_is_one_line_of_the_right_form(to):
    assert faults({"to": to}) == ["to"]


@pytest.mark.parametrize("number", [True, "5", nan, inf, -inf, 0.99, 60.01, [], 10**400])
def test_a_number_is_finite_and_in_range(number):
    assert faults({"to": "+1", "seconds": number}) == ["seconds"]


def test_a_masked_secret_is_not_stored():
    with pytest.raises(InvalidFields, match="masked; leave it out"):
        read({"to": "+1", "key": "•••1234"})


def test_an_unknown_option_names_the_nearest():
    with pytest.raises(InvalidFields, match="did you mean 'seconds'"):
        read({"to": "+1", "secnods": 5})


def test_names_that_are_no_texts_are_refused():
    assert faults({"to": "+1", 5: 1}) == ["5"]
