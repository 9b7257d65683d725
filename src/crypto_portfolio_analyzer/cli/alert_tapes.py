"""Alerts over a recording: the file's alerts put to watch, and what fired, as JSON and as rows."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from math import isfinite
from pathlib import Path
from typing import Any

from crypto_portfolio_analyzer.api.schemas import decimal_text, iso
from crypto_portfolio_analyzer.cli.alert_plans import read_bytes
from crypto_portfolio_analyzer.cli.output import Column
from crypto_portfolio_analyzer.core.formats import UNKNOWN
from crypto_portfolio_analyzer.engine.alertfiles import read_alert_file
from crypto_portfolio_analyzer.engine.replaying import ReplayedAlerts, ReplayedFiring
from crypto_portfolio_analyzer.exchanges.recordings import Record
from crypto_portfolio_analyzer.streaming.replay import records

FIRING_COLUMNS = (
    Column("FIRED (UTC)"),
    Column("SYMBOL"),
    Column("PRICE", ">"),
    Column("ALERT", weight=8),
    Column("NOTE", weight=5),
)


def watching_alerts(path: Path, exchange: str, files: Sequence[Path]) -> ReplayedAlerts:
    """Return the alerts of a file, meant as at the beginning of the recordings they will follow.

    Raises InvalidFields with every fault, InvalidInput for a file that is no recording, and OSError.
    """
    data = read_bytes(path)
    begun = min((each.at_ns for each in chain(*map(_first, files))), default=0)
    return ReplayedAlerts(read_alert_file(data, now=begun), exchange)


def _first(path: Path) -> Iterator[Record]:
    """Yield the first record that has an instant."""
    return islice((each for each in records(path) if each.at_ns), 1)


def firing_document(fired: ReplayedFiring) -> dict[str, Any]:
    """Return a firing in the shape of the contract."""
    firing = fired.firing
    return {
        "alert": fired.name,
        "symbol": firing.symbol,
        "event_at": iso(firing.event_at),
        "price": decimal_text(firing.price) if isfinite(firing.price) else None,
        "late": firing.late,
        "approximated": firing.approximated,
        "values": dict(firing.evidence.values),
    }


def firing_row(told: Mapping[str, Any]) -> list[str]:
    """Return a row of the table of firings."""
    marks = [name for name in ("late", "approximated") if told[name]]
    at = told["event_at"][:23].replace("T", " ")
    return [at, told["symbol"], told["price"] or UNKNOWN, told["alert"], ", ".join(marks)]
