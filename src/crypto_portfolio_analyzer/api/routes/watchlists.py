"""Watchlists: symbols under one name, for alerts to stand on."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path

from crypto_portfolio_analyzer.api.alert_schemas import WatchlistFields, WatchlistsView, WatchlistView
from crypto_portfolio_analyzer.api.auth import Reader, Trader
from crypto_portfolio_analyzer.api.doors import House
from crypto_portfolio_analyzer.errors import NotFound

router = APIRouter(prefix="/api/watchlists", tags=["alerts"])

LONGEST_NAME = 64
Name = Annotated[str, Path(description=f"up to {LONGEST_NAME} characters")]


@router.get("")
async def watchlists(house: House, who: Reader) -> WatchlistsView:
    """List one's own watchlists by name."""
    found = await house.alert_store.watchlists(who.owner)
    return WatchlistsView(
        watchlists=[WatchlistView(name=name, symbols=list(symbols)) for name, symbols in found.items()]
    )


@router.get("/{name}")
async def watchlist(house: House, who: Reader, name: Name) -> WatchlistView:
    """Return one of one's own watchlists."""
    return WatchlistView(name=name, symbols=list(await house.alert_store.watchlist(who.owner, _known(name))))


@router.put("/{name}")
async def put(house: House, who: Trader, name: Name, body: WatchlistFields) -> WatchlistView:
    """Make or replace a watchlist; alerts that stand on it follow."""
    most = house.quotas.most("watchlists", who.owner)
    symbols = await house.alerts.set_watchlist(
        who.owner, _known(name), body.symbols, actor=who.actor, most=most
    )
    return WatchlistView(name=name, symbols=list(symbols))


@router.delete("/{name}", status_code=HTTPStatus.NO_CONTENT)
async def delete(house: House, who: Trader, name: Name) -> None:
    """End a watchlist; alerts that stand on it have no symbols then."""
    await house.alert_store.watchlist(who.owner, _known(name))
    await house.alerts.set_watchlist(who.owner, name, (), actor=who.actor)


def _known(name: str) -> str:
    """Return a name that a watchlist can have; raises NotFound."""
    if not name.isprintable() or len(name) > LONGEST_NAME:
        raise NotFound("watchlist", name)
    return name
