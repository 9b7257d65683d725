"""What a server says of itself, as a page of text."""

from typing import Any

from crypto_portfolio_analyzer.cli.output import Column, Output, safe
from crypto_portfolio_analyzer.core.formats import UNKNOWN, Language, age, count, duration

COLUMNS = (
    Column("FEED"),
    Column("STATUS"),
    Column("STREAMS", ">"),
    Column("FACTS", ">", weight=5),
    Column("AGE", ">", weight=7),
    Column("LATENCY", ">", weight=6),
    Column("RECONNECTS", ">", weight=3),
    Column("GAPS", ">", weight=4),
    Column("REJECTS", ">", weight=2),
)


def show(output: Output, told: dict[str, Any], language: Language = "en") -> None:
    """Print a server's status: one sentence, then the numbers."""
    if output.as_json:
        output.document(told)
        return
    label = "SIMULATED · " if told.get("simulated") else ""
    output.say(f"{label}{safe(str(told.get('verdict', told.get('status'))))}")
    rooms = ", ".join(f"{name} {members}" for name, members in told.get("rooms", {}).items() if members)
    output.say(
        f"up {duration(told.get('uptime'), language=language)} · "
        f"{count(told.get('connected_clients', 0), language=language)} clients{f' in {rooms}' if rooms else ''}"
        f" · version {safe(str(told.get('version', UNKNOWN)))}"
    )
    output.table(COLUMNS, [_row(feed, language) for feed in told.get("feeds", ())])
    for watch in told.get("troubled", ()):
        output.say(f"! {safe(watch['asked'])}: {safe(watch['reason'] or watch['state'])}")
    output.note("Next: crypto-analyzer stream monitor")


def _row(feed: dict[str, Any], language: Language) -> list[str]:
    latency = feed.get("latency_ms")
    return [
        str(feed.get("label") or feed["venue"]),
        str(feed["status"]),
        count(feed["subscriptions"], language=language),
        count(feed["facts"], language=language),
        age(feed.get("age_seconds"), language=language),
        duration(None if latency is None else latency / 1000, language=language),
        count(feed["reconnects"], language=language),
        f"{feed['gaps']}" + (f" ({feed['gaps_open']} open)" if feed["gaps_open"] else ""),
        count(sum(feed["rejects"].values()), language=language),
    ]
