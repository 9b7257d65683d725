"""Trees: values that compare by what they say."""

from crypto_portfolio_analyzer.core.conditions.tree import Comparison, Condition, Number, Series
from crypto_portfolio_analyzer.core.series.catalog import Domain, Unit


def test_trees_that_say_the_same_are_the_same_and_can_be_keys():
    def condition():
        price = Series("price", "", (), Unit.PRICE, Domain.TICK)
        return Condition(Comparison(">", price, Number(5.0, Unit.NUMBER, "5")), "price > 5", "1m")

    assert condition() == condition()
    assert len({condition().question, condition().question}) == 1
