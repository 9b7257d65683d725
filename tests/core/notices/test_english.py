"""English sentences of messages."""

from crypto_portfolio_analyzer.core.notices.english import ENGLISH


def test_sentences_read_well():
    assert ENGLISH.digest.format("37", "60s") == "37 alerts in 60s"
    assert ENGLISH.late.format("4m 10s") == "LATE 4m 10s"
