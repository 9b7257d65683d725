"""Languages say the same things, with the same gaps."""

from crypto_portfolio_analyzer.core.alerts import Cause
from crypto_portfolio_analyzer.core.notices.reader import SENTENCES


def gaps(sentence):
    return sentence.count("{}") if isinstance(sentence, str) else None


def test_both_languages_fill_the_same_gaps():
    english, german = SENTENCES["en"], SENTENCES["de"]

    for name in english.__struct_fields__:
        one, other = getattr(english, name), getattr(german, name)
        assert one, name
        assert other, name
        assert gaps(one) == gaps(other), name


def test_every_cause_has_its_words():
    assert all(sentences.causes.keys() == set(Cause) for sentences in SENTENCES.values())
