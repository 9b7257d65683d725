"""German sentences of messages."""

from crypto_portfolio_analyzer.core.notices.german import GERMAN


def test_sentences_read_well():
    assert GERMAN.digest.format("37", "60 s") == "37 Alarme in 60 s"
    assert GERMAN.late.format("4 min 10 s") == "SPÄT 4 min 10 s"
