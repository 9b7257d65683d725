"""The portfolio: what holdings are worth, and what is not known."""

from decimal import Decimal

from crypto_portfolio_analyzer.bot.portfolio_page import worth
from crypto_portfolio_analyzer.bot.words import Words
from crypto_portfolio_analyzer.core.portfolio import Priced, value_of

HOLDINGS = {"BTC/USDT": Decimal("0.5"), "<x>": Decimal(2)}


def test_worth_in_english_and_german():
    value = value_of(HOLDINGS, {"BTC/USDT": Priced(Decimal(60000), Decimal(1500))})

    assert worth(Words("en"), value) == (
        "💼 <b>Portfolio</b> 30,000.00 · 24 h ▲ +2.56%\n"
        "BTC/USDT 0.5 · 30,000.00\n&lt;x&gt; 2 · –\nSome holdings have no price yet."
    )
    assert "30.000,00 · 24 h ▲ +2,56\u00a0%" in worth(Words("de"), value)


async def test_everybody_is_told_of_the_own_portfolio(house):
    anna, ben = await house.linked("Anna"), await house.linked("Ben", "ben")
    await house.app.portfolios.hold("ben", "BTC", Decimal("0.5"), actor="ben")

    assert (await house.said(anna, "/portfolio")).text == "There is no portfolio yet."
    assert "BTC 0.5 · 32,500.00" in (await house.said(ben, "/portfolio")).text
