"""Holdings: exact, everybody's own, changed together with who changed them."""

from decimal import Decimal

import pytest

from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.holdings import HoldingStore
from tests.storage.made import NOW, rows


@pytest.fixture
def holdings(database: Database) -> HoldingStore:
    return HoldingStore(database)


@pytest.mark.parametrize("text", ["1.5", "0.000000000000000001", "123456789012345.123456789012345678"])
async def test_a_quantity_comes_back_digit_for_digit(holdings: HoldingStore, text: str) -> None:
    await holdings.hold("ada", "BTC", Decimal(text), NOW, "ada")

    assert await holdings.holdings() == {"ada": {"BTC": Decimal(text)}}


async def test_owners_hold_their_own(holdings: HoldingStore) -> None:
    await holdings.hold("ada", "BTC", Decimal(1), NOW, "ada")
    await holdings.hold("bob", "BTC", Decimal(2), NOW, "bob")
    await holdings.hold("ada", "BTC", Decimal(3), NOW, "ada")
    with pytest.raises(NotFound, match="no holding 'BTC'"):
        await holdings.drop("eve", "BTC", NOW, "eve")
    await holdings.drop("bob", "BTC", NOW, "bob")

    assert await holdings.holdings() == {"ada": {"BTC": Decimal(3)}}


async def test_every_change_is_recorded_and_a_refused_one_is_not(
    holdings: HoldingStore, database: Database
) -> None:
    await holdings.hold("ada", "BTC", Decimal("0.5"), NOW, "ada", most=1)
    await holdings.hold("ada", "BTC", Decimal("0.6"), NOW, "ada", most=1)
    with pytest.raises(InvalidInput, match="1 holdings is the limit"):
        await holdings.hold("ada", "ETH", Decimal(1), NOW, "ada", most=1)
    await holdings.drop("ada", "BTC", NOW, "telegram:1")

    told = await rows(database, "select actor, action, subject, details from audit order by seq")
    assert [tuple(row) for row in told] == [
        ("ada", "holding.set", "BTC", '{"owner":"ada","quantity":"0.5"}'),
        ("ada", "holding.set", "BTC", '{"owner":"ada","quantity":"0.6"}'),
        ("telegram:1", "holding.removed", "BTC", '{"owner":"ada"}'),
    ]
