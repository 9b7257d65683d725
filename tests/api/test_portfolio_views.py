"""Portfolios as resources: every digit that counts, no exponent."""

from decimal import Decimal

from crypto_portfolio_analyzer.api.portfolio_views import portfolio_view
from crypto_portfolio_analyzer.app.portfolios import Worth
from crypto_portfolio_analyzer.core.portfolio import Priced, value_of


def test_tiny_and_huge_amounts_are_written_out() -> None:
    held = {"ADA": Decimal("123456789012345.000000000000000001"), "X": Decimal("0.000000000000000001")}
    prices = {"ADA": Priced(Decimal("8.412E-9"), Decimal("-1E-10")), "X": Priced(Decimal("1E+2"))}

    shown = portfolio_view(Worth(value_of(held, prices), {}, frozenset({"X"})))

    assert [each.quantity for each in shown.holdings] == [
        "123456789012345.000000000000000001",
        "0.000000000000000001",
    ]
    assert [each.price for each in shown.holdings] == ["0.000000008412", "100"]
    assert [each.stale for each in shown.holdings] == [False, True]
    assert "E" not in "".join(each.market_value or "" for each in shown.holdings) + shown.total_value
    assert shown.total_change_percent_24h == "-1.174812"


def test_nothing_is_worth_nothing() -> None:
    shown = portfolio_view(Worth(value_of({}, {}), {}, frozenset()))

    assert (shown.total_value, shown.total_change_percent_24h, shown.complete) == ("0", None, True)
