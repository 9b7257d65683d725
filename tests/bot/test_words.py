"""Words: every value escaped, whatever it is."""

import pytest

from crypto_portfolio_analyzer.bot.words import Html, Words, escaped, joined, language_of


def test_values_are_escaped_and_cleaned():
    said = Words("en")("alerts.unknown", name='<b>&"\u202e\u0000')

    assert said == "I don't know an alert <code>&lt;b&gt;&amp;&quot;</code>. /alerts lists yours."


def test_html_stays_and_braces_in_values_mean_nothing():
    assert escaped(Html("<b>x</b>")) == "<b>x</b>"
    assert "{0} {secret}" in Words("de")("alerts.unknown", name="{0} {secret}")


def test_plain_sentences_have_no_markup():
    assert Words("en").plain("press.seen", name="<Anna>\u202e", at="14:05") == "✓ Seen by <Anna> 14:05"


@pytest.mark.parametrize(
    ("code", "language"),
    [("de", "de"), ("de-AT", "de"), ("DE", "de"), ("en", "en"), ("fr", "en"), (None, "en")],
)
def test_the_language_is_the_clients_if_we_speak_it(code, language):
    assert language_of(code) == language


def test_lines_are_joined_without_empty_ones():
    assert joined("a", "", "b") == "a\nb"
