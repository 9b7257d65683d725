"""What a back-test says: firings, what the price did after them, holes, a sweep; as JSON and as text."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from msgspec import Struct, to_builtins

from crypto_portfolio_analyzer.api.schemas import decimal_text, iso
from crypto_portfolio_analyzer.cli.alert_calls import server_of
from crypto_portfolio_analyzer.cli.failures import MISUSED, Failed
from crypto_portfolio_analyzer.cli.output import Column, Output, safe
from crypto_portfolio_analyzer.core.alerts import Rearm, Trigger
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.formats import UNKNOWN, Language, change, count, duration, percent
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.engine.backtesting import BacktestResult, PastFiring, backtest
from crypto_portfolio_analyzer.engine.drafts import duration_of
from crypto_portfolio_analyzer.engine.sweeping import SweepPoint, evenly, sweep
from crypto_portfolio_analyzer.errors import InvalidInput, UnknownName
from crypto_portfolio_analyzer.settings import Settings

FIRING_COLUMNS = (
    Column("FIRED (UTC)"),
    Column("PRICE", ">"),
    Column("", weight=6),
    Column("VALUES", weight=7),
)
SWEEP_COLUMNS = (Column("THRESHOLD", ">"), Column("FIRINGS", ">"), Column("HELD BACK", ">", weight=5))
MOST_SHOWN = 20
PATIENCE = 120.0
"""Seconds that a server may take over the past."""


def document(result: BacktestResult, sweep: Sequence[SweepPoint] = ()) -> dict[str, Any]:
    """Return a back-test as JSON: prices as decimal strings, instants in UTC, unknown values null."""
    told: dict[str, Any] = {
        "symbol": result.symbol,
        "condition": result.condition,
        "timeframe": result.timeframe,
        "trigger": str(result.trigger),
        "firings": [_firing(each) for each in result.firings],
        "count": result.count,
        "suppressed": result.suppressed,
        "bars": result.bars,
        "first_at": iso(result.first_at),
        "last_at": iso(result.last_at),
        "holes": [
            {"from_at": iso(hole.from_at), "until_at": iso(hole.until_at), "missing": hole.missing}
            for hole in result.holes
        ],
        "outcomes": [
            {
                "after_seconds": each.span // 10**9,
                "count": each.count,
                "median_percent": each.median_percent,
                "share_up": each.share_up,
            }
            for each in result.outcomes
        ],
    }
    if sweep:
        told["sweep"] = [
            {"value": each.value, "count": each.count, "suppressed": each.suppressed} for each in sweep
        ]
    return told


def show(told: Mapping[str, Any], output: Output, language: Language) -> None:
    """Print a back-test's document as text: one sentence, the newest firings, what came after, what is missing."""
    firings = told["firings"]
    output.say(safe(f"{told['symbol']}: {told['condition']}"))
    held = f", {count(told['suppressed'], language=language)} held back" if told["suppressed"] else ""
    output.say(
        f"fires {count(told['count'], language=language)} times in {count(told['bars'], language=language)} bars"
        f" of {_days(told)}{held} ({told['trigger']}, {told['timeframe']})"
    )
    if firings:
        output.table(FIRING_COLUMNS, [_row(each) for each in firings[-MOST_SHOWN:]])
    if len(firings) > MOST_SHOWN:
        output.note(f"the newest {MOST_SHOWN} of {count(len(firings))}; all of them with --json")
    for each in told["outcomes"]:
        if each["count"]:
            output.say(_outcome(each, language))
    missing = sum(hole["missing"] for hole in told["holes"])
    if missing:
        output.say(f"{count(missing, language=language)} bars are missing in {len(told['holes'])} holes")
    if told.get("sweep"):
        rows = [[f"{each['value']:g}", str(each["count"]), str(each["suppressed"])] for each in told["sweep"]]
        output.table(SWEEP_COLUMNS, rows)


class How(Struct, frozen=True):
    """How an alert fires in a back-test; spans in ns."""

    trigger: Trigger | None
    cooldown: int
    rearm: Rearm | None


def how(options: Mapping[str, Any]) -> How:
    """Read the options that say how an alert fires; raises InvalidInput."""
    trigger, percent, level = options["trigger"], options["rearm_percent"], options["rearm_level"]
    known = [str(each) for each in Trigger]
    if trigger is not None and trigger not in known:
        raise UnknownName("trigger", trigger, known)
    again = Rearm(level=level, percent=percent) if percent is not None or level is not None else None
    return How(None if trigger is None else Trigger(trigger), duration_of(options["cooldown"] or "0s"), again)


def asked_of_bars(
    condition: str,
    bars: Sequence[Bar],
    timeframe: str | None,
    asked: How,
    swept: tuple[str, int] | None = None,
) -> dict[str, Any]:
    """Back-test a condition over bars; return the document. Raises InvalidInput and InvalidCondition."""
    question = read_condition(condition, timeframe or bars[0].timeframe)
    options: dict[str, Any] = {"trigger": asked.trigger, "cooldown": asked.cooldown, "rearm": asked.rearm}
    result = backtest(question, bars, **options)
    points: list[SweepPoint] = []
    if swept is not None:
        points = sweep(question, bars, evenly(*thresholds(swept[0]), swept[1]), **options)
    return document(result, points)


async def asked_of_server(
    settings: Settings,
    condition: str,
    where: tuple[str | None, str | None, float],
    asked: How,
    swept: tuple[str, int] | None = None,
) -> dict[str, Any]:
    """Back-test a condition over the bars that the server has; `where` is symbol, timeframe and days."""
    symbol, timeframe, days = where
    if symbol is None:
        fix = "name a file by --bars, or what the server has by --symbol"
        raise Failed("no bars to ask", fix, exit_code=MISUSED)
    read_condition(condition, timeframe or "1m")
    body: dict[str, Any] = {
        "condition": condition,
        "symbol": symbol,
        "timeframe": timeframe or "1m",
        "days": days,
    }
    body |= {"trigger": asked.trigger, "cooldown_seconds": asked.cooldown / 1e9}
    if asked.rearm is not None:
        body["rearm"] = to_builtins(asked.rearm)
    if swept is not None:
        low, high = thresholds(swept[0])
        body["sweep"] = {"from": low, "to": high, "steps": swept[1]}
    told: dict[str, Any] = await server_of(settings).send(
        "POST", "/api/alerts/backtest", body, patience=PATIENCE
    )
    return told


def thresholds(text: str) -> tuple[float, float]:
    """Read the ends of a sweep, written as `20..40`; raises InvalidInput."""
    low, dots, high = text.partition("..")
    try:
        ends = float(low), float(high)
    except ValueError:
        ends = None
    if ends is None or not dots or not all(abs(end) < 1e15 for end in ends):
        raise InvalidInput(f"{text[:40]!r} is no range of thresholds; write it like 20..40")
    return ends


def _firing(firing: PastFiring) -> dict[str, Any]:
    return {
        "event_at": iso(firing.event_at),
        "price": decimal_text(firing.price) if isfinite(firing.price) else None,
        "bar_open_at": iso(firing.bar_open_at),
        "approximated": firing.approximated,
        "values": dict(firing.values),
    }


def _row(firing: Mapping[str, Any]) -> list[str]:
    values = ", ".join(
        f"{text} {UNKNOWN if value is None else format(value, '.6g')}"
        for text, value in firing["values"].items()
    )
    mark = "within the bar" if firing["approximated"] else ""
    return [firing["event_at"][:19].replace("T", " "), firing["price"] or UNKNOWN, mark, values]


def _outcome(outcome: Mapping[str, Any], language: Language) -> str:
    after = duration(outcome["after_seconds"], language=language)
    moved = change(outcome["median_percent"], language=language)
    return (
        f"{after} later: median {moved}, up in {percent(outcome['share_up'] * 100, 0, language=language)} "
        f"of {count(outcome['count'], language=language)}"
    )


def _days(told: Mapping[str, Any]) -> str:
    return f"{told['first_at'][:10]} to {told['last_at'][:10]}"
