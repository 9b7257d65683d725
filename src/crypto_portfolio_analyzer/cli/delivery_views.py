"""Deliveries and their attempts as text."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crypto_portfolio_analyzer.api.schemas import instant
from crypto_portfolio_analyzer.cli.alert_views import when
from crypto_portfolio_analyzer.cli.output import Column, Output, safe
from crypto_portfolio_analyzer.core.formats import UNKNOWN, Language, duration
from crypto_portfolio_analyzer.core.notices.markup import csv_cell

DELIVERY_COLUMNS = (
    Column("NO", ">"),
    Column("QUEUED", weight=6),
    Column("WHAT", weight=7),
    Column("CHANNEL"),
    Column("STATE"),
    Column("TRIES", ">", weight=5),
    Column("LAST", ">", weight=4),
    Column("NEXT / WHY", weight=3),
)
ATTEMPT_COLUMNS = (
    Column("NO", ">"),
    Column("AT"),
    Column("TOOK", ">", weight=6),
    Column("OUTCOME"),
    Column("STATUS", ">", weight=7),
    Column("WHY", weight=5),
)
LAW_COLUMNS = (Column("CHANNEL"), Column("TOLD", ">"), Column("STATES"))
STEPS = (
    ("venue", "event_at"),
    ("received", "received_at"),
    ("detected", "detected_at"),
    ("stored", "stored_at"),
    ("first attempt", "first_attempt_at"),
    ("accepted", "accepted_at"),
)
CSV_COLUMNS = (
    "number", "id", "created_at", "kind", "title", "symbol", "alert_name", "price", "event_at", "channel", "state",
    "reason", "attempts", "last_status", "first_attempt_at", "accepted_at",
)  # fmt: skip
_TROUBLED = ("dead", "retry_wait")


def show_deliveries(
    deliveries: Sequence[dict[str, Any]], output: Output, now: int, language: Language = "en"
) -> None:
    """Print deliveries as a table, newest first."""
    if not deliveries:
        output.say("no deliveries")
        output.note("Next: crypto-analyzer channels list")
        return
    rows = [
        [
            str(each["number"]),
            when(each["created_at"], now, language),
            each["title"] or each["kind"],
            channel_of(each),
            each["state"],
            str(each["attempts"]),
            UNKNOWN if each["last_status"] is None else str(each["last_status"]),
            _next(each, now, language),
        ]
        for each in deliveries
    ]
    output.table(DELIVERY_COLUMNS, rows)
    look = next((each for each in deliveries if each["state"] in _TROUBLED), deliveries[0])
    output.note(f"Next: crypto-analyzer deliveries show {look['number']}")


def deliveries_csv(deliveries: Sequence[Mapping[str, Any]]) -> str:
    """Return deliveries as CSV with a head, exact as JSON has them; no cell is a formula or moves a terminal."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for each in deliveries:
        firing = each["firing"] or {}
        row = {**each, **firing, "id": each["id"], "channel": channel_of(each)}
        writer.writerow([_cell(row.get(name)) for name in CSV_COLUMNS])
    return table.getvalue().removesuffix("\n")


def _cell(value: object) -> object:
    return csv_cell(safe(value)) if isinstance(value, str) else value


def show_delivery(delivery: Mapping[str, Any], output: Output, now: int, language: Language = "en") -> None:
    """Print one delivery: what became of it, its attempts, and the instants of its way."""
    output.say(safe(f"{delivery['title'] or delivery['kind']} to {channel_of(delivery)}: {_state(delivery)}"))
    told = {
        "id": delivery["id"],
        "kind": delivery["kind"],
        "queued": when(delivery["created_at"], now, language),
        "next try": when(delivery["next_attempt_at"], now, language) if delivery["next_attempt_at"] else "",
        "worth until": when(delivery["expires_at"], now, language) if delivery["expires_at"] else "",
        "unsure": "an attempt with unknown outcome may have arrived" if delivery["unsure"] else "",
        "bot said": delivery["answer"],
    }
    for name, value in told.items():
        if value:
            output.say(safe(f"  {name:<12} {value}"))
    if delivery["stamps"]:
        output.say(f"  {'way':<12} {_way(delivery['stamps'])}")
    if delivery["attempt_log"]:
        output.table(ATTEMPT_COLUMNS, [_attempt(each, now, language) for each in delivery["attempt_log"]])
    if delivery["state"] == "dead":
        output.note(f"Next: crypto-analyzer deliveries redeliver {delivery['number']}")


def show_law(told: Mapping[str, Any], names: Mapping[str, str], output: Output) -> None:
    """Print the conservation law, channel by channel."""
    rows = [
        [
            names.get(each["channel_id"], each["channel_id"] or "(firings)"),
            str(each["told"]),
            ", ".join(f"{count} {state}" for state, count in each["states"].items() if count) or UNKNOWN,
        ]
        for each in told["channels"]
    ]
    if rows:
        output.table(LAW_COLUMNS, rows)
    for each in told["channels"]:
        for fault in each["broken"]:
            output.say(safe(f"! {fault}"))
    output.say(
        "every firing that was to be told is in exactly one state"
        if told["holds"]
        else "broken: deliveries contradict themselves"
    )


def channel_of(delivery: Mapping[str, Any]) -> str:
    """Return the name of a delivery's channel; of one that is gone its id."""
    channel = delivery["channel"]
    return str(channel["name"] or channel["id"][:8])


def _state(delivery: Mapping[str, Any]) -> str:
    reason = delivery["reason"]
    return f"{delivery['state']} ({reason})" if reason else str(delivery["state"])


def _next(delivery: Mapping[str, Any], now: int, language: Language) -> str:
    if delivery["state"] == "retry_wait" and delivery["next_attempt_at"]:
        return f"{when(delivery['next_attempt_at'], now, language)} {delivery['reason']}".strip()
    return str(delivery["reason"])


def _attempt(attempt: Mapping[str, Any], now: int, language: Language) -> list[str]:
    return [
        str(attempt["number"]),
        when(attempt["at"], now, language),
        duration(attempt["took_ms"] / 1000, language=language),
        attempt["outcome"],
        UNKNOWN if attempt["status"] is None else str(attempt["status"]),
        attempt["detail"] or attempt["error"],
    ]


def _way(stamps: Mapping[str, Any]) -> str:
    """Write the instants of a firing's way, each as the time since the venue's."""
    start = _ns(stamps["event_at"])
    parts = [f"{STEPS[0][0]} {stamps['event_at'][11:23]}"]
    for name, key in STEPS[1:]:
        if stamps[key] is not None:
            since = max(0, _ns(stamps[key]) - start) / 1e9
            parts.append(f"{name} +{duration(since)}")
    return " · ".join(parts)


def _ns(text: str) -> int:
    return instant(datetime.fromisoformat(text))
