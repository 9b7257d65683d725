"""English sentences."""

import pytest

from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.summary import summarise
from tests.core.conditions.later import LATER

SENTENCES = [
    ("price > 50000.5", "the price is above 50,000.5"),
    ("price >= 1.5e-8", "the price is at least 0.000000015"),
    ("change_percent_24h < -5", "the 24 h change in percent is below -5"),
    ("buy_share(20) <= 70%", "the buyers' share(20) on 1m is at most 70%"),
    ("price inside 1..2", "the price is between 1 and 2"),
    ("price outside 1..2", "the price is outside 1 to 2"),
    ("price enters 1..2", "the price enters the range from 1 to 2"),
    ("price exits 1..2", "the price leaves the range from 1 to 2"),
    ("price crosses 5", "the price crosses 5"),
    ("price falls by 5% in 15m", "the price falls by at least 5% in 15 minutes"),
    ("close on 1h moves by 5 in 1 bar", "the close on 1h moves by at least 5 either way in 1 bar"),
    ('candle("hammer") on 4h', "there is the candlestick pattern hammer on 4h"),
    ("feed.age > 90s", "the age of the data is above 90 seconds"),
    ("price > 5 for 5m", "the price is above 5 for 5 minutes without a break"),
    ("price crosses 5 within 3 bars", "the price crosses 5 at some point in the last 3 bars"),
    ("not price > 5", "it is not true that the price is above 5"),
    ("price > 5 and (bid > 1 or bid < 2)", "the price is above 5 and (the bid is above 1 or the bid is below 2)"),
    ("1 of (price > 5, bid > 6)", "at least 1 of these hold: the price is above 5; the bid is above 6"),
    ("price > 5 then bid > 6 within 1d", "first the price is above 5, then within 1 day: the bid is above 6"),
    ("bollinger(20, 2.5).upper < price", "the upper line of the Bollinger bands(20, 2.5) on 1m is below the price"),
    ("volume > 3 * sma(volume, 20)", "the volume on 1m is above 3 × the SMA(20) of the volume on 1m"),
    ("close[2] live > 5", "the close 2 bars earlier on 1m (forming bar) is above 5"),
    ('"ETH/USDT".price > 5', "the price of ETH/USDT is above 5"),
    ("max(high, low) - abs(open) > 5",
     "the largest of the high on 1m and the low on 1m − the size of the open on 1m is above 5"),
    ("highest(high, 20) on 15m > 5", "the highest value of the high over 20 bars on 15m is above 5"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), SENTENCES)
def test_sentences_read_like_english(text, sentence):
    assert summarise(read_condition(text, "1m", LATER), "X", "en", LATER) == f"X: {sentence}"
