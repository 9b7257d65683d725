"""What waits inside of the process, and where it keeps things."""

from typing import TYPE_CHECKING

from msgspec import Struct

from crypto_portfolio_analyzer.app.disk import free_bytes
from crypto_portfolio_analyzer.storage.urls import sqlite_path
from crypto_portfolio_analyzer.streaming.keeping import MAX_WAITING

if TYPE_CHECKING:
    from crypto_portfolio_analyzer.app.building import App


class Queue(Struct, frozen=True):
    """Something that waits: how many now, how many at most (None: all of them), how many were dropped so far."""

    name: str
    waiting: int
    most: int | None
    dropped: int


class Storage(Struct, frozen=True):
    """The kind of database, its size where it is a file, and the room left beside the data."""

    engine: str
    bytes: int | None
    free_bytes: int


class Insides(Struct, frozen=True):
    """A look inside."""

    queues: tuple[Queue, ...]
    storage: Storage


def insides_of(app: "App") -> Insides:
    """Return what waits in `app` now, and where it keeps things."""
    bus = app.bus.get_bus_stats()
    return Insides(
        queues=(
            Queue("events", int(bus["queue_size"]), None, int(bus["events_dropped"])),
            Queue("bars", app.keeper.waiting, MAX_WAITING, app.keeper.dropped),
            Queue("decisions", app.alerts.committer.waiting, None, 0),
        ),
        storage=_storage(app),
    )


def _storage(app: "App") -> Storage:
    database = app.database
    path = sqlite_path(database.url) if database.is_sqlite else None
    return Storage(
        engine="sqlite" if database.is_sqlite else "postgresql",
        bytes=path.stat().st_size if path is not None and path.exists() else None,
        free_bytes=free_bytes(app.settings.data_dir),
    )
