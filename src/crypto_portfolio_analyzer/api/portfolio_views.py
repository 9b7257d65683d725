"""Portfolios as resources: decimal strings, and where each price comes from."""

from decimal import Decimal

from pydantic import BaseModel, Field

from crypto_portfolio_analyzer.api.schemas import decimal_or_none, iso
from crypto_portfolio_analyzer.app.portfolios import Worth
from crypto_portfolio_analyzer.core.portfolio import HoldingValue


class HoldingView(BaseModel):
    """One holding at its newest price; null until a price is known, or where the venue does not tell."""

    symbol: str = Field(description="what is held: a lone asset or a canonical pair", examples=["BTC"])
    quantity: str = Field(examples=["1.5"])
    market: str | None = Field(description="the market whose price it is", examples=["BTC/USDT"])
    price: str | None = Field(examples=["65012.4"])
    market_value: str | None
    change_24h: str | None = Field(description="of the value, in money")
    change_percent_24h: str | None = Field(description="percent points")
    weight: str | None = Field(description="share of the total value, 0 to 1", examples=["0.8125"])
    source: str | None = Field(description="the venue the price came from")
    received_at: str | None = Field(description="when it came")
    stale: bool
    simulated: bool


class PortfolioView(BaseModel):
    """Holdings and their totals, over those that have a price."""

    holdings: list[HoldingView]
    total_value: str
    total_change_24h: str
    total_change_percent_24h: str | None = Field(description="percent points of the value 24 h ago")
    complete: bool = Field(description="whether every holding has a price")
    stale: bool = Field(description="whether any price is older than its market's rhythm explains")
    simulated: bool = Field(description="whether any price is simulated")


def portfolio_view(worth: Worth) -> PortfolioView:
    """Show a portfolio."""
    value = worth.value
    return PortfolioView(
        holdings=[_holding(each, worth) for each in value.holdings],
        total_value=_text(value.total_value),
        total_change_24h=_text(value.total_change_24h),
        total_change_percent_24h=_share(value.total_change_percent_24h),
        complete=value.is_complete,
        stale=bool(worth.stale),
        simulated=worth.is_simulated,
    )


def _holding(each: HoldingValue, worth: Worth) -> HoldingView:
    latest, total = worth.latest.get(each.symbol), worth.value.total_value
    return HoldingView(
        symbol=each.symbol,
        quantity=_text(each.quantity),
        market=None if latest is None else latest.symbol,
        price=None if each.price is None else _text(each.price),
        market_value=None if each.value is None else _text(each.value),
        change_24h=None if each.change_24h is None else _text(each.change_24h),
        change_percent_24h=decimal_or_none(None if latest is None else latest.change_percent_24h),
        weight=_share(each.value / total if each.value is not None and total else None),
        source=None if latest is None else latest.source,
        received_at=None if latest is None else iso(latest.received_at),
        stale=each.symbol in worth.stale,
        simulated=latest is not None and latest.simulated,
    )


def _text(number: Decimal) -> str:
    """Write an exact number without an exponent or zeros that say nothing."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _share(number: Decimal | None) -> str | None:
    """Write a share or percent points; a millionth is exact enough."""
    return None if number is None else _text(Decimal(f"{number:.6f}"))
