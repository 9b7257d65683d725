"""The portfolio of a server: held, listed, watched."""

from collections.abc import Mapping
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from crypto_portfolio_analyzer.cli.alert_calls import server_of
from crypto_portfolio_analyzer.cli.client import Client
from crypto_portfolio_analyzer.cli.failures import MISUSED, Failed
from crypto_portfolio_analyzer.cli.output import Column, Output, safe
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.portfolio import held_symbol
from crypto_portfolio_analyzer.settings import Settings, clock_of

WATCH_EVERY = 1.0
COLUMNS = (
    Column("SYMBOL"),
    Column("QUANTITY", ">", 7),
    Column("PRICE", ">", 6),
    Column("VALUE", ">"),
    Column("24H", ">", 5),
    Column("WEIGHT", ">", 4),
    Column("", weight=8),
)
LATER = ("average_cost", "cost_basis", "unrealised_pnl", "realised_pnl")
"""What only the ledger of transactions will know."""
_PATH = "/api/portfolio"
_EXACT = Context(prec=60)
"""More digits than a quantity may have."""


async def added(settings: Settings, text: str, quantity: str, output: Output) -> None:
    """Hold that much more of a symbol."""
    client, symbol = server_of(settings), held_symbol(text)
    held = {each["symbol"]: each["quantity"] for each in (await client.get(_PATH))["holdings"]}
    total = _EXACT.add(Decimal(held.get(symbol, "0")), _quantity(quantity))
    told = await client.send("PUT", _holding(symbol), {"quantity": format(total, "f")})
    if output.as_json:
        output.document(told)
        return
    output.say(safe(f"{symbol} {format(total, 'f')}"))
    output.note("Next: crypto-analyzer portfolio list")


async def removed(settings: Settings, text: str, output: Output) -> None:
    """Hold none of a symbol."""
    symbol = held_symbol(text)
    await server_of(settings).send("DELETE", _holding(symbol))
    if output.as_json:
        output.document({"symbol": symbol, "removed": True})
    else:
        output.say(safe(f"{symbol} is held no longer"))


async def listed(settings: Settings, output: Output) -> None:
    """List what is held and what it is worth."""
    told = await server_of(settings).get(_PATH)
    if output.as_json:
        rows = [each | dict.fromkeys(LATER) for each in told["holdings"]]
        output.document(told | {"holdings": rows})
    elif told["holdings"]:
        output.table(COLUMNS, [_row(each, settings) for each in told["holdings"]])
        output.note(_sentence(told, settings))
    else:
        output.say("nothing is held yet")
        output.note("Next: crypto-analyzer portfolio add BTC 0.5")


async def status(settings: Settings, output: Output, *, watch: bool) -> None:
    """Say what everything together is worth, with `watch` again whenever that changes."""
    client, clock = server_of(settings), clock_of(settings)
    last = await _say_worth(client, None, settings, output)
    while watch:
        await clock.sleep(WATCH_EVERY)
        last = await _say_worth(client, last, settings, output)


async def _say_worth(client: Client, last: object, settings: Settings, output: Output) -> object:
    told = await client.get(_PATH)
    worth = told | {"holdings": len(told["holdings"])}
    if worth == last:
        return last
    if output.as_json:
        output.line(worth)
    else:
        output.say(_sentence(told, settings))
        output.flush()
    return worth


def _sentence(told: Mapping[str, Any], settings: Settings) -> str:
    """Say the whole worth, and how far it can be trusted."""
    count, unknown = len(told["holdings"]), sum(each["price"] is None for each in told["holdings"])
    marks = [
        "SIM" if told["simulated"] else "",
        _number(told["total_value"], 2, settings),
        f"24 h {_change(told['total_change_percent_24h'], settings)}",
        f"{count} holding" + "s" * (count != 1),
        f"{unknown} without a price" if unknown else "",
        "stale" if told["stale"] else "",
    ]
    return " · ".join(filter(None, marks))


def _row(each: Mapping[str, Any], settings: Settings) -> list[str]:
    weight = each["weight"]
    share = None if weight is None else float(weight) * 100
    marks = [word for word, is_so in (("stale", each["stale"]), ("SIM", each["simulated"])) if is_so]
    return [
        each["symbol"],
        each["quantity"],
        _number(each["price"], None, settings),
        _number(each["market_value"], 2, settings),
        _change(each["change_percent_24h"], settings),
        formats.percent(share, 1, language=settings.language),
        " ".join(marks),
    ]


def _number(text: str | None, digits: int | None, settings: Settings) -> str:
    return formats.price(None if text is None else float(text), digits, language=settings.language)


def _change(text: str | None, settings: Settings) -> str:
    return formats.change(None if text is None else float(text), language=settings.language)


def _holding(symbol: str) -> str:
    return f"{_PATH}/holdings/{symbol.replace('/', '-')}"


def _quantity(text: str) -> Decimal:
    """Read how much is meant; raises Failed."""
    try:
        quantity = Decimal(text)
    except InvalidOperation:
        quantity = Decimal("nan")
    if not quantity.is_finite() or quantity <= 0:
        raise Failed(f"{text[:40]!r} is not a quantity", "write it like 0.5", exit_code=MISUSED)
    return quantity
