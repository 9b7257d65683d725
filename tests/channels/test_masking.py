"""Masking: enough to tell one secret from another, too little to use it."""

import pytest

from crypto_portfolio_analyzer.channels.kinds import Option
from crypto_portfolio_analyzer.channels.masking import fingerprint, masked, masked_url, shown

KNOWN = (
    Option("url", "url", ""),
    Option("key", "secret", ""),
    Option("headers", "secret", ""),
    Option("n", "number", ""),
)


def test_a_secret_shows_its_last_four_characters():
    assert masked("whsec_abcdefgh1234") == "•••1234"


@pytest.mark.parametrize("short", ["", "a", "hunter2", "elevenchars"])
def test_a_short_secret_shows_nothing(short):
    assert masked(short) == "•••"


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("https://example.com", "https://example.com"),
        ("https://example.com/", "https://example.com"),
        ("https://example.com/hook/SECRETSECRET", "https://example.com/•••CRET"),
        ("https://example.com:8443/?token=SECRETSECRET", "https://example.com:8443/•••CRET"),
        ("https://example.com/abc", "https://example.com/•••"),
        ("not a url at all", "•••" + "all".rjust(4)),
    ],
)
def test_a_url_shows_where_it_leads(url, seen):
    assert masked_url(url) == seen


def test_a_fingerprint_is_the_same_for_the_same_only():
    assert fingerprint("https://a") == fingerprint("https://a") != fingerprint("https://b")
    assert "https" not in fingerprint("https://a")


def test_only_known_options_are_shown():
    options = {
        "url": "https://a.b/c",
        "key": "k" * 20,
        "headers": {"X-Key": "h" * 20},
        "n": 5,
        "old_secret": "x" * 20,
    }

    assert shown(KNOWN, options) == {
        "url": "https://a.b/•••",
        "key": "•••kkkk",
        "headers": {"X-Key": "•••hhhh"},
        "n": 5,
    }


def test_what_is_not_there_is_not_masked():
    assert shown(KNOWN, {"url": "", "key": ""}) == {"url": "", "key": ""}
