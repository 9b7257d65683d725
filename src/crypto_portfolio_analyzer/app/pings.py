"""How everything the process needs is doing, and what to do about what is not well."""

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from crypto_portfolio_analyzer.errors import StorageError

if TYPE_CHECKING:
    from crypto_portfolio_analyzer.app.building import App


class Ping(Struct, frozen=True):
    """One thing the process needs, whether it is well, and what to do if not."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    needed: bool = True


async def pings_of(app: "App") -> list[Ping]:
    """Return how everything the process needs is doing."""
    return [
        await _database_ping(app),
        *_alert_pings(app),
        *_delivery_pings(app),
        *_feed_pings(app),
    ]


async def _database_ping(app: "App") -> Ping:
    try:
        await app.database.ping()
    except StorageError as error:
        return Ping("database", ok=False, detail=str(error), remedy="check CRYPTO_ANALYZER_DATABASE_URL")
    return Ping("database", ok=True, detail="answers")


def _alert_pings(app: "App") -> list[Ping]:
    """Return how storing decisions is doing, while it is not."""
    error, waiting = app.alerts.committer.error, app.alerts.committer.waiting
    if error is None:
        return []
    detail = f"{waiting} decisions wait for the database: {error}"
    return [
        Ping("alerts", ok=False, detail=detail, remedy="bring the database back; nothing is lost meanwhile")
    ]


def _delivery_pings(app: "App") -> list[Ping]:
    """Return how telling is doing, while it waits, and each type of channel of which some fail."""
    failing = Counter(
        lane.channel.type for lane in app.delivery.tally.lanes if lane.channel.failing_since is not None
    )
    remedy = "see the attempts of their deliveries"
    pings = [
        Ping(f"{name} channels", ok=False, detail=f"{count} fail", remedy=remedy, needed=False)
        for name, count in sorted(failing.items())
    ]
    if app.delivery.error:
        detail = f"deliveries wait for the database: {app.delivery.error}"
        remedy = "bring the database back; nothing is lost meanwhile"
        pings.append(Ping("delivery", ok=False, detail=detail, remedy=remedy))
    return pings


def _feed_pings(app: "App") -> list[Ping]:
    """Return how the venues are doing, where it is this process that listens to them."""
    views = app.feeds.health() if "feed" in app.roles else []
    any_is_up = any(view.status in ("connected", "idle") for view in views)
    return [
        Ping(
            view.venue,
            ok=view.status in ("connected", "idle"),
            detail=f"{view.status}, {view.subscriptions} subscriptions",
            remedy="" if view.last_error is None else f"last error: {view.last_error}",
            needed=not any_is_up,
        )
        for view in views
    ]
