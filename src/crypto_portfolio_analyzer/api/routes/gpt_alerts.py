"""S0's GPT alerts: three questions about a price, each asked once."""

from collections import Counter
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from crypto_portfolio_analyzer.api.alert_streams import joined, live
from crypto_portfolio_analyzer.api.alert_views import condition_of
from crypto_portfolio_analyzer.api.auth import OPEN, READ, Reader, Trader
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.api.gpt_description import described_for_assistants
from crypto_portfolio_analyzer.api.identity import Identity
from crypto_portfolio_analyzer.api.once import ONCE
from crypto_portfolio_analyzer.api.problems import Problem
from crypto_portfolio_analyzer.api.s0_schemas import (
    GptAlert,
    GptCheck,
    GptDone,
    GptInfo,
    GptMade,
    GptRequest,
    GptStats,
    GptTest,
)
from crypto_portfolio_analyzer.api.schemas import decimal_text, iso
from crypto_portfolio_analyzer.core.alerts import Alert, AlertState, Standing
from crypto_portfolio_analyzer.core.conditions.tree import Comparison, Number, Series
from crypto_portfolio_analyzer.engine.drafts import draft_of
from crypto_portfolio_analyzer.errors import Fault, InvalidFields, NotFound

router = APIRouter(prefix="/gpt-alerts", tags=["alerts"])

OPERATORS = {"price_above": ">=", "price_below": "<=", "breakout": ">"}
_TYPES = {operator: name for name, operator in OPERATORS.items()}
_WORDS = {"price_above": "at or above", "price_below": "at or below", "breakout": "above"}
_PAGE = 200

SymbolText = Annotated[str, Query(max_length=64, description="any spelling")]
Level = Annotated[float, Query(gt=0, allow_inf_nan=False)]
Description = Annotated[str | None, Query(description="comes with the message")]


@router.get("/", dependencies=[READ])
async def info(house: House) -> GptInfo:
    """Tell what there is."""
    return GptInfo(
        version=house.version,
        alert_types={name: f"price {operator} target" for name, operator in OPERATORS.items()},
        endpoints=sorted({f"{'|'.join(sorted(each.methods))} {each.path}" for each in router.routes}),  # type: ignore[attr-defined]
    )


@router.get("/openapi.json", dependencies=[OPEN])
async def description(house: House, request: Request) -> dict[str, Any]:
    """Describe what an assistant can do here, as the actions of a GPT take it."""
    return described_for_assistants(
        request.app.openapi(), house.public_url or str(request.base_url).rstrip("/")
    )


@router.post("/create", dependencies=[ONCE])
async def create(house: House, who: Trader, body: GptRequest) -> GptMade:
    """Ask once for a price; true already, it fires at once."""
    return await _make(house, who, body)


@router.post("/price-above", dependencies=[ONCE])
async def price_above(
    house: House, who: Trader, symbol: SymbolText, target_price: Level, description: Description = None
) -> GptMade:
    """Ask once for a price at or above a target."""
    return await _make(house, who, _request(symbol, "price_above", target_price, description))


@router.post("/price-below", dependencies=[ONCE])
async def price_below(
    house: House, who: Trader, symbol: SymbolText, target_price: Level, description: Description = None
) -> GptMade:
    """Ask once for a price at or below a target."""
    return await _make(house, who, _request(symbol, "price_below", target_price, description))


@router.post("/breakout", dependencies=[ONCE])
async def breakout(
    house: House, who: Trader, symbol: SymbolText, resistance_level: Level, description: Description = None
) -> GptMade:
    """Ask once for a price above a level."""
    return await _make(house, who, _request(symbol, "breakout", resistance_level, description))


@router.get("/list")
async def listed(house: House, who: Reader) -> list[GptAlert]:
    """List one's own alerts that ask one of the three questions, whichever door they came through."""
    return [_shown(alert, standings, *asked) async for alert, standings, asked in _alerts(house, who.owner)]


@router.get("/alert/{alert_id}")
async def alert(house: House, who: Reader, alert_id: str) -> GptAlert:
    """Return one alert."""
    found = await _found(house, who.owner, alert_id)
    asked = level_of(found)
    if asked is None:
        raise NotFound("alert", alert_id)
    states = await house.alerts.standings(who.owner, [found.id])
    return _shown(found, list(states.get(found.id, ())), *asked)


@router.get("/stats")
async def stats(house: House, who: Reader) -> GptStats:
    """Count the alerts at work, with the newest prices of their symbols."""
    symbols = [found.symbols[0] async for found, standings, _ in _alerts(house, who.owner) if live(standings)]
    counts = Counter(symbols)
    latest = {symbol: house.market.latest(symbol) for symbol in counts}
    return GptStats(
        total_active=len(symbols),
        by_symbol={joined(symbol): count for symbol, count in sorted(counts.items())},
        price_cache={joined(symbol): each.price for symbol, each in sorted(latest.items()) if each},
    )


@router.delete("/delete/{alert_id}")
async def delete(house: House, who: Trader, alert_id: str) -> GptDone:
    """Delete an alert: once this is answered it cannot fire."""
    found = await _found(house, who.owner, alert_id)
    await house.alerts.remove(who.owner, found.id, actor=who.actor)
    return GptDone(message=f"{found.name} is deleted")


@router.post("/test-system", dependencies=[READ])
async def test_system(house: House) -> GptTest:
    """Look whether everything that alerts need is well."""
    checks = [GptCheck(name=each.name, ok=each.ok, detail=each.detail) for each in await house.pings()]
    is_on = house.alerts.is_monitoring
    checks.append(GptCheck(name="monitoring", ok=is_on, detail="on" if is_on else "switched off"))
    bad = [each.name for each in checks if not each.ok]
    return GptTest(
        status="degraded" if bad else "success",
        message=f"not well: {', '.join(bad)}" if bad else "everything alerts need is well",
        checks=checks,
    )


def level_of(alert: Alert) -> tuple[str, float] | None:
    """Return S0's type and target of an alert; None if it asks something else, or of more than one symbol."""
    question = condition_of(alert.condition, alert.timeframe).question
    if len(alert.symbols) != 1 or not isinstance(question, Comparison) or question.operator not in _TYPES:
        return None
    left, right = question.left, question.right
    is_price = isinstance(left, Series) and left.kind == "price" and left.subject is None
    return (_TYPES[question.operator], right.value) if is_price and isinstance(right, Number) else None


def _request(symbol: str, alert_type: str, target: float, description: str | None) -> GptRequest:
    return GptRequest(symbol=symbol, alert_type=alert_type, target_price=target, description=description)


async def _make(house: Doors, who: Identity, asked: GptRequest) -> GptMade:
    """Make an alert, or arm the one that asked the same and is done; raises Problem (409) if one is at work."""
    operator = OPERATORS.get(asked.alert_type)
    if operator is None:
        raise InvalidFields(
            [Fault("alert_type", f"is no type: {asked.alert_type[:40]!r}", f"use {', '.join(OPERATORS)}")]
        )
    target = decimal_text(asked.target_price)
    symbol = joined(house.canonical(asked.symbol))
    fields: dict[str, Any] = {
        "name": f"{symbol} {asked.alert_type} {target}",
        "symbol": asked.symbol,
        "condition": f"price {operator} {target}",
        "message": asked.description,
    }
    draft = draft_of(fields, now=house.clock.now(), source="gpt")
    same = await _same(house, who.owner, fields["name"])
    if same is None:
        made = (await house.alerts.create(who.owner, [draft], actor=who.actor))[0]
    else:
        made = await house.alerts.edit(who.owner, same.id, draft, actor=who.actor)
    return GptMade(
        alert_id=made.id, message=f"you are told once when {symbol} is {_WORDS[asked.alert_type]} {target}"
    )


async def _same(house: Doors, owner: str, name: str) -> Alert | None:
    """Return the alert of that name that is done; None if there is none; raises Problem (409) if it is at work."""
    try:
        found = await house.alert_store.get(owner, name)
    except NotFound:
        return None
    standings = (await house.alerts.standings(owner, [found.id])).get(found.id, ())
    if standings and all(each.state is AlertState.DONE for each in standings):
        return found
    raise Problem(
        HTTPStatus.CONFLICT,
        f"{name!r} is an alert of yours already",
        remedy="delete it first, or choose another target",
        alert_id=found.id,
    )


async def _found(house: Doors, owner: str, alert_id: str) -> Alert:
    if "\0" in alert_id:
        raise NotFound("alert", alert_id)
    return await house.alert_store.get(owner, alert_id)


async def _alerts(house: Doors, owner: str) -> AsyncIterator[tuple[Alert, list[Standing], tuple[str, float]]]:
    """Yield an owner's alerts that ask one of the three questions, with their states."""
    after = 0
    while True:
        page = await house.alert_store.of_owner(owner, after=after, limit=_PAGE)
        asked = {each.id: level_of(each) for each in page}
        states = await house.alerts.standings(owner, [each.id for each in page if asked[each.id]])
        for each in page:
            level = asked[each.id]
            if level is not None:
                yield each, list(states.get(each.id, ())), level
        if len(page) < _PAGE:
            return
        after = page[-1].number


def _shown(alert: Alert, standings: list[Standing], alert_type: str, target: float) -> GptAlert:
    return GptAlert(
        id=alert.id,
        symbol=joined(alert.symbols[0]),
        alert_type=alert_type,
        target_price=target,
        description=alert.message,
        created_at=iso(alert.created_at),
        triggered=any(each.fired for each in standings),
    )
