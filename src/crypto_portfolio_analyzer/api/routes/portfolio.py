"""The portfolio: one's own holdings and what they are worth."""

from decimal import Decimal
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from crypto_portfolio_analyzer.api.auth import Reader, Trader
from crypto_portfolio_analyzer.api.doors import House
from crypto_portfolio_analyzer.api.portfolio_views import PortfolioView, portfolio_view
from crypto_portfolio_analyzer.api.routes.symbols import SymbolText

router = APIRouter(prefix="/api/portfolio", tags=["portfolio"])

POSITIVE = r"^([1-9][0-9]{0,14}(\.[0-9]{1,18})?|0\.0{0,17}[1-9][0-9]{0,17})$"
"""A decimal above zero, written out: quantities are exact, and no exponent hides a slip."""


class QuantityRequest(BaseModel):
    """How much is held."""

    quantity: Annotated[
        str, Field(pattern=POSITIVE, description="a positive decimal, exact", examples=["1.5"])
    ]


@router.get("")
async def portfolio(house: House, who: Reader) -> PortfolioView:
    """Return one's own holdings at the newest prices; what has no price yet is left out of the totals."""
    return portfolio_view(house.portfolios.worth(who.owner))


@router.put("/holdings/{symbol}")
async def hold(house: House, who: Trader, symbol: SymbolText, body: QuantityRequest) -> PortfolioView:
    """Hold that much of a symbol, whatever was held before; return the portfolio."""
    await house.portfolios.hold(who.owner, symbol, Decimal(body.quantity), actor=who.actor)
    return portfolio_view(house.portfolios.worth(who.owner))


@router.delete("/holdings/{symbol}", status_code=HTTPStatus.NO_CONTENT)
async def drop(house: House, who: Trader, symbol: SymbolText) -> None:
    """Hold none of a symbol."""
    await house.portfolios.drop(who.owner, symbol, actor=who.actor)
