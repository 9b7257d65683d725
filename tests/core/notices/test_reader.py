"""A reader has a language and a zone, and everything is written for them."""

import pytest

from crypto_portfolio_analyzer.core.notices.reader import SENTENCES, reader_of
from tests.core.notices.made import AT


def test_numbers_and_times_in_both_languages():
    english = reader_of({}, AT)
    german = reader_of({"language": "de", "zone": "Europe/Berlin"}, AT)

    assert (english.price(65012.4), german.price(65012.4)) == ("65,012.40", "65.012,40")
    assert (english.change(-8.14), german.change(8.14)) == ("−8.14%", "+8,14\u00a0%")
    assert english.change(0.0) == "0.00%"
    assert (english.moment(AT), german.moment(AT)) == ("14:03:07 UTC", "15:03:07 CET")
    assert (english.span(23_000_000), german.span(-5)) == ("23 ms", "0 ms")
    assert (english.age(250 * 10**9), german.age(250 * 10**9)) == ("4m 10s", "4 min 10 s")
    assert (english.count(1234), german.count(1234)) == ("1,234", "1.234")


def test_moments_of_another_day_say_so():
    assert reader_of({}, AT + 86_400 * 10**9).moment(AT) == "Fri 14:03 UTC"


@pytest.mark.parametrize(
    "options",
    [
        {"language": "xx"},
        {"language": 7},
        {"zone": ""},
        {"zone": None},
        {"zone": "Mars/Base"},
        {"zone": "/etc"},
        {"zone": "Europe"},
    ],
)
def test_what_is_not_known_is_english_in_utc(options):
    assert reader_of(options, AT).sentences is SENTENCES["en"]
    assert reader_of(options, AT).moment(AT) == "14:03:07 UTC"
