"""Plain texts: what matters first, cut so that it fits, never within a grapheme."""

from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.channels.texts import fitted, paragraphs, utf16_units, whole
from crypto_portfolio_analyzer.core.notices.graphemes import graphemes
from tests.channels.sending import message

FAMILY = "👩‍👩‍👧‍👦"


def test_a_message_is_its_headline_lines_and_note():
    made = message("sms", {}, headline="Up", lines=("one", "two"), note="mine")

    assert paragraphs(made) == "one\ntwo\n\nmine"
    assert whole(made) == "Up\none\ntwo\n\nmine"


def test_an_owners_template_replaces_it_all():
    assert whole(message("sms", {}, body="mine alone")) == "mine alone"


def test_a_message_may_have_no_more_than_a_headline():
    assert whole(message("sms", {}, headline="Up", lines=(), note="")) == "Up"


@given(
    st.lists(st.sampled_from(["a", "é", "e\u0301", FAMILY, "🇩🇪", " ", "\n", "\U0001d54f"]), max_size=80),
    st.integers(0, 60),
)
def test_what_is_cut_fits_and_is_a_beginning(parts, room):
    text = "".join(parts)
    cut = fitted(text, lambda part: utf16_units(part) <= room)

    assert utf16_units(cut) <= room
    kept = list(graphemes(cut.removesuffix("…"))) if cut != text else list(graphemes(text))
    assert "".join(kept) == "".join(list(graphemes(text))[: len(kept)])


def test_a_cut_takes_as_much_as_there_is_room_for():
    assert fitted("abcdef", lambda part: len(part) <= 4) == "abc…"
    assert fitted("abcdef", lambda part: len(part) <= 6) == "abcdef"
    assert fitted("abcdef", lambda part: not part) == ""


def test_units_count_as_utf16_does():
    assert [utf16_units(each) for each in ("", "a", "é", "\U0001d54f", "\ud800")] == [0, 1, 1, 2, 1]
