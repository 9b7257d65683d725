"""Alerts, firings, explanations and silences as text."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crypto_portfolio_analyzer.api.schemas import instant
from crypto_portfolio_analyzer.cli.alert_calls import short_ids
from crypto_portfolio_analyzer.cli.output import Column, Output, safe
from crypto_portfolio_analyzer.core.formats import UNKNOWN, Language, moment, percent

ALERT_COLUMNS = (
    Column("ID"),
    Column("STATE"),
    Column("SYMBOL"),
    Column("CONDITION"),
    Column("NEAREST", ">", weight=6),
    Column("30 D", ">", weight=4),
    Column("LAST", weight=5),
    Column("TO", weight=3),
)
FIRING_COLUMNS = (
    Column("FIRED", weight=8),
    Column("SYMBOL"),
    Column("PRICE", ">"),
    Column("ALERT", weight=7),
    Column("NOTE", weight=5),
    Column("ID", weight=4),
)
SILENCE_COLUMNS = (
    Column("ID"),
    Column("MATCHES"),
    Column("FROM", weight=5),
    Column("UNTIL"),
    Column("COMMENT", weight=4),
)
_MARKS = {True: "✓", False: "✗", None: "?"}


def show_alerts(
    alerts: Sequence[dict[str, Any]], output: Output, now: int, language: Language = "en"
) -> None:
    """Print alerts as a table, then how many there are and what to look at next."""
    if not alerts:
        output.say("no alerts yet")
        output.note('Next: crypto-analyzer alerts add --symbol BTC --condition "price moves by 3% in 15m"')
        return
    ids = short_ids(alerts)
    rows = [
        [
            ids[each["id"]],
            each["state"],
            _symbols(each),
            each["condition"],
            UNKNOWN
            if each["nearest_percent"] is None
            else percent(each["nearest_percent"], 1, language=language),
            str(each["fired_30d"]),
            when(each["last_fired_at"], now, language),
            ", ".join(each["channels"]) or UNKNOWN,
        ]
        for each in alerts
    ]
    output.table(ALERT_COLUMNS, rows)
    bad = [each for each in alerts if each["state"] in ("error", "no_data")]
    problems = f", {len(bad)} with a problem" if bad else ""
    look = ids[(bad or list(alerts))[0]["id"]]
    plural = "" if len(alerts) == 1 else "s"
    output.note(f"{len(alerts)} alert{plural}{problems}.  Next: crypto-analyzer alerts explain {look}")


def show_alert(alert: Mapping[str, Any], output: Output, now: int, language: Language = "en") -> None:
    """Print one alert with everything it asks."""
    sentence = alert["sentence"][language]
    output.say(safe(f"{alert['name']}: {sentence}"))
    rearm = alert["rearm"] or {}
    told = {
        "id": alert["id"],
        "state": _state(alert),
        "symbols": _symbols(alert),
        "condition": alert["condition"],
        "timeframe": alert["timeframe"],
        "trigger": f"{alert['trigger']}, cooldown {alert['cooldown_seconds']:g} s",
        "re-arm": ", ".join(f"{name} {value}" for name, value in rearm.items() if value is not None),
        "expires": alert["expires_at"],
        "at most": alert["max_triggers"],
        "severity": alert["severity"],
        "message": alert["message"],
        "channels": ", ".join(alert["channels"]),
        "tags": ", ".join(alert["tags"]),
        "fired": f"{alert['fired_30d']} times in 30 days, last {when(alert['last_fired_at'], now, language)}",
        "revision": f"{alert['revision']}, from {alert['source']}",
    }
    for name, value in told.items():
        if value:
            output.say(safe(f"  {name:<10} {value}"))


def show_firings(
    firings: Sequence[dict[str, Any]], output: Output, now: int, language: Language = "en"
) -> None:
    """Print firings, newest first."""
    if not firings:
        output.say("nothing fired")
        return
    rows = [
        [
            when(each["event_at"], now, language),
            each["symbol"],
            each["price"] or UNKNOWN,
            each["alert_name"] or each["alert_id"],
            _note(each),
            each["id"][:8],
        ]
        for each in firings
    ]
    output.table(FIRING_COLUMNS, rows)


def show_explanations(told: Mapping[str, Any], output: Output) -> None:
    """Print, symbol by symbol, what holds, what is missing and what stands in the way."""
    if not told["explanations"]:
        output.say("nothing of it has been judged yet")
    for each in told["explanations"]:
        output.say(safe(f"{each['sentence']}  –  {_state(each)}"))
        for leaf in each["leaves"]:
            output.say(safe(f"  {leaf_line(leaf)}"))
        obstacles = {
            "warming up, it has seen": each["warm_up"],
            "in cooldown until": each["cooldown_until"],
            "silenced until": each["silenced_until"],
            "triggers held back": each["suppressed"],
        }
        for name, value in obstacles.items():
            if value:
                output.say(safe(f"  ! {name} {value}"))


def leaf_line(leaf: Mapping[str, Any]) -> str:
    """Write one question of a condition: whether it holds, its value, how far it is from flipping."""
    parts = [f"{_MARKS[leaf['holds']]} {leaf['text']}"]
    if leaf["value"] is not None:
        parts.append(f"now {leaf['value']:.10g}")
    if leaf["distance"] is not None:
        parts.append(f"{leaf['distance']:.6g} away")
    return ", ".join([*parts, *([leaf["missing"]] if leaf["missing"] else [])])


def show_silences(
    silences: Sequence[dict[str, Any]], output: Output, now: int, language: Language = "en"
) -> None:
    """Print silences that have not ended."""
    if not silences:
        output.say("no silences")
        output.note("Next: crypto-analyzer alerts silence add --symbol BTC/USDT --for 2h")
        return
    rows = [
        [
            each["id"],
            ", ".join(f"{field}={value}" for field, value in each["matchers"].items()),
            when(each["starts_at"], now, language),
            when(each["ends_at"], now, language),
            each["comment"],
        ]
        for each in silences
    ]
    output.table(SILENCE_COLUMNS, rows)


def when(text: str | None, now: int, language: Language = "en") -> str:
    """Write an ISO instant for people; a dash for none."""
    return UNKNOWN if text is None else moment(instant(datetime.fromisoformat(text)), now, language=language)


def _state(told: Mapping[str, Any]) -> str:
    """Write a state with its reason, unless that says no more."""
    reason = told["reason"]
    return f"{told['state']} ({reason})" if reason and reason != told["state"] else str(told["state"])


def _symbols(alert: Mapping[str, Any]) -> str:
    symbols = alert["symbols"]
    if alert["watchlist"]:
        return f"list {alert['watchlist']}"
    return symbols[0] if len(symbols) == 1 else f"{symbols[0]} +{len(symbols) - 1}" if symbols else UNKNOWN


def _note(firing: Mapping[str, Any]) -> str:
    marks = {"late": firing["late"], "approximated": firing["approximated"], "SIM": firing["simulated"]}
    return ", ".join(name for name, is_set in marks.items() if is_set)
