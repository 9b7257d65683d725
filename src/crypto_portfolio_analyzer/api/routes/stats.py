"""Numbers on everything, one object: alerts, deliveries, feeds."""

from collections import Counter
from typing import Any

from fastapi import APIRouter

from crypto_portfolio_analyzer.api.alert_schemas import StatsView
from crypto_portfolio_analyzer.api.auth import Reader
from crypto_portfolio_analyzer.api.doors import Doors, House
from crypto_portfolio_analyzer.core.notices.notification import PENDING
from crypto_portfolio_analyzer.core.timeframes import DAY
from crypto_portfolio_analyzer.metrics import Buckets

router = APIRouter(tags=["operation"])


@router.get("/api/stats")
async def stats(house: House, who: Reader) -> StatsView:
    """Count one's own alerts by state, what fired of them, what became of it, and how the feeds do."""
    return StatsView.model_validate(
        {
            "alerts": await _alerts(house, who.owner),
            "deliveries": await _deliveries(house, who.owner),
            "feeds": _feeds(house),
        }
    )


async def _alerts(house: Doors, owner: str) -> dict[str, Any]:
    now = house.clock.now()
    stored = await house.alert_store.states(owner)
    states = await house.alerts.standings(owner, list(stored))
    day = await house.alert_store.counts(owner, now - DAY)
    month = await house.alert_store.counts(owner, now - 30 * DAY)
    newest = await house.alert_store.firings(owner, limit=1)
    standings = [each for some in states.values() for each in some]
    return {
        "total": len(states),
        "by_state": Counter(str(each.state) for each in standings),
        "fired_24h": sum(day.values()),
        "fired_30d": sum(month.values()),
        "fired": newest[0].seq if newest else 0,
        "suppressed": sum(each.suppressed for each in standings),
        "monitoring": house.alerts.is_monitoring,
    }


async def _deliveries(house: Doors, owner: str) -> dict[str, Any]:
    counts = await house.delivery.store.counts(owner)
    now = house.clock.now()
    due = [each.due_at for each in await house.delivery.lanes() if each.channel.owner == owner]
    waited = [now - each for each in due if each <= now]
    return {
        "by_state": {str(state): count for state, count in counts.items()},
        "waiting": sum(counts.get(state, 0) for state in PENDING),
        "oldest_due_seconds": max(waited) / 1e9 if waited else None,
        "steps": {step: _step(buckets) for step, buckets in house.steps().items()},
    }


def _step(buckets: Buckets) -> dict[str, Any]:
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    return {name: buckets.quantile(share) for name, share in shares.items()} | {"count": sum(buckets.counts)}


def _feeds(house: Doors) -> dict[str, Any]:
    views = house.feeds.health()
    return {
        "connected": sum(view.status == "connected" for view in views),
        "gaps_open": sum(view.gaps_open for view in views),
        "facts": sum(view.facts for view in views),
        "watches": len(house.feeds.watches()),
    }
