"""A portfolio is worth the sum of its priced holdings, and says when one lacks a price."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.portfolio import Priced, value_of


def test_totals_are_the_sums_of_the_holdings() -> None:
    value = value_of(
        {"BTC": Decimal("2.0"), "ETH": Decimal(10)},
        {"BTC": Priced(Decimal(50_000), Decimal(1000)), "ETH": Priced(Decimal(3000), Decimal(-50))},
    )

    assert value.total_value == Decimal(130_000)
    assert value.total_change_24h == Decimal(1500)
    assert value.is_complete
    assert [(each.symbol, each.value, each.change_24h) for each in value.holdings] == [
        ("BTC", Decimal(100_000), Decimal(2000)),
        ("ETH", Decimal(30_000), Decimal(-500)),
    ]


def test_the_percent_is_of_the_value_a_day_ago() -> None:
    value = value_of({"BTC": Decimal(1)}, {"BTC": Priced(Decimal(110), Decimal(10))})

    assert value.total_change_percent_24h == Decimal(10)


def test_a_holding_without_a_price_is_left_out_and_told() -> None:
    value = value_of({"BTC": Decimal(1), "XYZ": Decimal(5)}, {"BTC": Priced(Decimal(100))})

    assert not value.is_complete
    assert value.total_value == Decimal(100)
    assert value.holdings[1].value is None


def test_nothing_is_worth_nothing_and_has_no_percent() -> None:
    value = value_of({}, {})

    assert (value.total_value, value.total_change_24h, value.is_complete) == (Decimal(0), Decimal(0), True)
    assert value.total_change_percent_24h is None


amounts = st.decimals("0.00000001", "1000000", places=8)
prices = st.tuples(amounts, st.none() | st.decimals("-100", "100", places=4))


@given(st.dictionaries(st.sampled_from("ABCDEFGH"), st.tuples(amounts, st.none() | prices)))
def test_money_is_exact(book: dict[str, tuple[Decimal, tuple[Decimal, Decimal | None] | None]]) -> None:
    holdings = {symbol: quantity for symbol, (quantity, _) in book.items()}
    known = {symbol: Priced(*priced) for symbol, (_, priced) in book.items() if priced is not None}
    value = value_of(holdings, known)

    assert value.total_value == sum(
        quantity * known[s].price for s, quantity in holdings.items() if s in known
    )
    assert value.total_change_24h == sum(
        each.change_24h for each in value.holdings if each.change_24h is not None
    )
    assert value.is_complete == (set(known) == set(holdings))
    before = value.total_value - value.total_change_24h
    percent = value.total_change_percent_24h
    assert (percent is None) == (before <= 0)
    if percent is not None:
        assert abs(percent * before - value.total_change_24h * 100) <= abs(before) * Decimal(
            "1e-20"
        ) + Decimal("1e-15")
