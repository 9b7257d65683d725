"""Symbols: what is watched, what could be, and the switch between the two."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from crypto_portfolio_analyzer.api.auth import READ, Admin
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.api.schemas import SymbolsView, SymbolView, decimal_or_none
from crypto_portfolio_analyzer.core.market import Instrument
from crypto_portfolio_analyzer.streaming.views import WatchView

router = APIRouter(prefix="/api/symbols", tags=["market"])

SPARK_POINTS = 48
SymbolText = Annotated[str, Path(description="`BTCUSDT` or `BTC-USDT`", max_length=64)]


@router.get("", dependencies=[READ])
async def symbols(
    house: House,
    q: Annotated[str | None, Query(max_length=48, description="search all known markets")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 200,
    cursor: Annotated[int, Query(ge=0, description="next_cursor of the page before")] = 0,
) -> SymbolsView:
    """List watched symbols in their order, or with `q` every known market whose name fits, best first."""
    if q is not None:
        return SymbolsView(symbols=_search(house, q, limit))
    watches = house.watching.lasting()
    page = watches[cursor : cursor + limit]
    more = str(cursor + limit) if len(watches) > cursor + limit else None
    return SymbolsView(symbols=[watched(house, watch) for watch in page], next_cursor=more)


@router.put(
    "/{symbol}/watch",
    responses={201: {"model": SymbolView, "description": "Watched from now"}},
)
async def watch(house: House, who: Admin, response: Response, symbol: SymbolText) -> SymbolView:
    """Watch a symbol from now on; 200 if it was watched already."""
    view, is_new = house.watching.watch(symbol)
    if is_new:
        await house.audit.note(who.actor, "symbol.watched", view.symbol)
        house.hub.prices.look_again()
        response.status_code = HTTPStatus.CREATED
    return watched(house, view)


@router.delete("/{symbol}/watch", status_code=HTTPStatus.NO_CONTENT)
async def unwatch(house: House, who: Admin, symbol: SymbolText) -> None:
    """Watch a symbol no longer; clients that subscribed to it by name keep it alive for themselves."""
    house.watching.unwatch(symbol)
    await house.audit.note(who.actor, "symbol.unwatched", house.canonical(symbol))
    house.hub.prices.look_again()


def watched(house: Doors, watch: WatchView) -> SymbolView:
    """Return the view of a watched symbol."""
    instrument = house.market.instrument(watch.symbol)
    return SymbolView(
        symbol=watch.symbol,
        asked=watch.asked,
        watched=house.watching.is_standing(watch),
        tick_size=decimal_or_none(instrument.tick_size) if instrument else None,
        expected_interval=watch.expected_interval,
        source=watch.source,
        state=watch.state,
        reason=watch.reason,
        closes=list(house.market.closes(watch.symbol, SPARK_POINTS)),
    )


def _search(house: Doors, text: str, limit: int) -> list[SymbolView]:
    wanted = "".join(letter for letter in text.upper() if letter.isalnum())
    by_symbol = {watch.symbol: watch for watch in house.feeds.watches()}
    names = dict.fromkeys(by_symbol)
    known = {each.symbol: each for each in house.market.instruments() if each.active}
    names.update(dict.fromkeys(known))
    ranked = sorted((rank, name) for name in names if (rank := _rank(name, wanted)) is not None)
    return [
        watched(house, by_symbol[name]) if name in by_symbol else _offered(known[name])
        for _, name in ranked[:limit]
    ]


def _rank(symbol: str, wanted: str) -> int | None:
    # Exact base, then prefix, then anywhere; scattered letters never match
    base, joined = symbol.partition("/")[0], symbol.replace("/", "").replace(":", "")
    tests = (base == wanted, joined == wanted, joined.startswith(wanted), wanted in joined)
    return next((rank for rank, holds in enumerate(tests) if holds), None)


def _offered(instrument: Instrument) -> SymbolView:
    return SymbolView(
        symbol=instrument.symbol,
        asked=instrument.symbol,
        watched=False,
        tick_size=decimal_or_none(instrument.tick_size),
        expected_interval=None,
        source=instrument.venue,
        state=None,
    )
