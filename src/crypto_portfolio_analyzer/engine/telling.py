"""Telling: a stored firing as an event for everybody on the bus."""

from datetime import UTC, datetime
from typing import Any

from crypto_portfolio_analyzer.core.alerts import Alert, Firing


def alert_data(alert: Alert, firing: Firing) -> dict[str, Any]:
    """Return the data of the event `alert_triggered`: who fired, where, at which price, and when (ISO, UTC)."""
    return {
        "symbol": firing.symbol,
        "price": firing.price,
        "alert_id": alert.id,
        "name": alert.name,
        "owner": alert.owner,
        "condition": alert.condition,
        "message": alert.message,
        "severity": str(alert.severity),
        "firing_id": firing.id,
        "seq": firing.seq,
        "late": firing.late,
        "cause": str(firing.cause),
        "event_at": datetime.fromtimestamp(firing.event_at / 1e9, UTC).isoformat(),
    }
