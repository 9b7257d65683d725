"""German sentences, with articles in the right case and decimal commas."""

import pytest

from crypto_portfolio_analyzer.core.conditions.german import declined
from crypto_portfolio_analyzer.core.conditions.phrases import ACCUSATIVE, DATIVE, NOMINATIVE
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.summary import summarise

SENTENCES = [
    ("price > 50000.5", "der Preis liegt über 50.000,5"),
    ("price >= close", "der Preis liegt bei mindestens dem Schlusskurs im 1m-Chart"),
    ("price crosses below bollinger(20, 2.5).lower",
     "der Preis kreuzt die untere Linie von den Bollinger-Bändern(20, 2,5) im 1m-Chart nach unten"),
    ("price inside low..high", "der Preis liegt zwischen dem Tief im 1m-Chart und dem Hoch im 1m-Chart"),
    ("price exits 1..2", "der Preis verlässt den Bereich von 1 bis 2"),
    ("price moves by 5% in 2d", "der Preis bewegt sich um mindestens 5 % in 2 Tagen"),
    ("not price moves by 5% in 1d",
     "es trifft nicht zu, dass der Preis sich um mindestens 5 % in 1 Tag bewegt"),
    ("breaks_resistance(50) on 1h", "es gibt einen Schluss über dem Widerstand aus 50 Balken im 1h-Chart"),
    ("highest(high, 20) > 5", "der höchste Wert von dem Hoch über 20 Balken im 1m-Chart liegt über 5"),
    ("price > highest(high, 20)",
     "der Preis liegt über dem höchsten Wert von dem Hoch über 20 Balken im 1m-Chart"),
    ("sma(volume, 20) > 5", "der SMA(20) über das Volumen im 1m-Chart liegt über 5"),
    ("price > 5 for 1h", "der Preis liegt über 5, und das seit 1 Stunde ununterbrochen"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), SENTENCES)
def test_sentences_read_like_german(text, sentence):
    assert summarise(read_condition(text), "X", "de") == f"X: {sentence}"


@pytest.mark.parametrize(
    ("phrase", "accusative", "dative"),
    [
        ("der Preis", "den Preis", "dem Preis"),
        ("das Hoch", "das Hoch", "dem Hoch"),
        ("die Spanne", "die Spanne", "der Spanne"),
        ("ein Schluss", "einen Schluss", "einem Schluss"),
        ("die untere Linie", "die untere Linie", "der unteren Linie"),
        ("der typische Preis", "den typischen Preis", "dem typischen Preis"),
        ("die Bollinger-Bänder(20)", "die Bollinger-Bänder(20)", "den Bollinger-Bändern(20)"),
        ("die Abweichungsbänder(20)", "die Abweichungsbänder(20)", "den Abweichungsbändern(20)"),
        ("RSI(14)", "RSI(14)", "RSI(14)"),
    ],
)
def test_cases_follow_from_the_article(phrase, accusative, dative):
    assert declined(phrase, NOMINATIVE) == phrase
    assert declined(phrase, ACCUSATIVE) == accusative
    assert declined(phrase, DATIVE) == dative
