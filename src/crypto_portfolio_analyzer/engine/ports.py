"""What the engine asks of storage; `app` joins them, and mypy proves the fit."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from crypto_portfolio_analyzer.core.alerts import (
    Alert,
    AlertState,
    Batch,
    Cursor,
    Firing,
    Silence,
    Standing,
    Suppressed,
)


class AlertStore(Protocol):
    """Alerts, their states, and what fired.

    Every call raises StorageUnavailable (transient) while the database cannot be reached. Reading and changing by
    people is always by owner: what belongs to somebody else does not exist.
    """

    async def create(
        self, alerts: Sequence[Alert], now: int, actor: str, key: str | None = None
    ) -> list[Alert]:
        """Store new alerts (number 0: the store numbers them), all or none, with an audit entry each.

        `key` is the caller's idempotency key: a second call with it returns what the first one made. Raises
        InvalidInput for a name the owner has already.
        """
        ...

    async def knows(self, owner: str, key: str, now: int) -> bool:
        """Tell whether an idempotency key has made alerts before, so that it makes none now."""
        ...

    async def replace(self, alert: Alert, now: int, actor: str) -> Alert:
        """Store a new revision over the old; raises NotFound, InvalidInput as `create`. Its standings begin anew."""
        ...

    async def remove(self, owner: str, alert_id: str, now: int, actor: str) -> Alert:
        """Delete an alert, final when it returns: no later firing of it can be stored. Raises NotFound."""
        ...

    async def restore(self, owner: str, alert_id: str, now: int, actor: str) -> Alert:
        """Take a deletion back; raises NotFound after the grace has passed."""
        ...

    async def enable(self, owner: str, alert_id: str, enabled: bool, now: int, actor: str) -> Alert:
        """Pause or resume, final when it returns; raises NotFound."""
        ...

    async def get(self, owner: str, alert_id: str) -> Alert:
        """Return one alert by id or unique name; raises NotFound."""
        ...

    async def of_owner(
        self, owner: str, *, symbol: str | None = None, after: int = 0, limit: int = 200
    ) -> list[Alert]:
        """Return an owner's alerts in the order they were made, from number `after` on (exclusive)."""
        ...

    async def revisions(self, owner: str, alert_id: str) -> list[Alert]:
        """Return every revision, newest first."""
        ...

    def armed(self) -> AsyncIterator[Sequence[Alert]]:
        """Yield every enabled alert of everybody, in blocks, for loading at start."""
        ...

    async def standings(self, alert_ids: Sequence[str] | None = None) -> list[Standing]:
        """Return stored standings, of all alerts or of some."""
        ...

    async def set_state(self, standings: Sequence[Standing], now: int) -> None:
        """Store states outside of a judgement: warming, armed, no data, expired, error."""
        ...

    async def commit(self, batch: Batch, now: int) -> list[Firing]:
        """Store decisions, one delivery row per channel and firing, audit, dirty memory and cursors in one transaction.

        Firings that are stored already, or whose alert was changed, paused or deleted meanwhile, are left out.
        Return those newly stored, with `stored_at` and `seq`.
        """
        ...

    async def cursors(self) -> list[Cursor]:
        """Return how far each symbol was judged when the last commit was made."""
        ...

    async def firings(
        self,
        owner: str,
        *,
        alert_id: str | None = None,
        symbol: str | None = None,
        since: int | None = None,
        until: int | None = None,
        before_seq: int | None = None,
        after_seq: int | None = None,
        limit: int = 100,
    ) -> list[Firing]:
        """Return firings, newest first; with `after_seq` oldest first, as a client that resumes needs them."""
        ...

    async def firing(self, owner: str, firing_id: str) -> Firing:
        """Return one firing by id; raises NotFound."""
        ...

    async def stored(self, firing_ids: Sequence[str]) -> list[Firing]:
        """Return those of some firings that are stored, whoever they belong to, in the order of their feeds."""
        ...

    async def suppressed(self, owner: str, alert_id: str, *, limit: int = 100) -> list[Suppressed]:
        """Return triggers that did not fire, newest first."""
        ...

    async def counts(self, owner: str, since: int) -> Mapping[str, int]:
        """Return how often each alert fired since an instant, by alert id."""
        ...

    async def silences(self, owner: str | None, now: int) -> list[Silence]:
        """Return silences that have not ended, of one owner or of all."""
        ...

    async def add_silence(self, silence: Silence, actor: str, most: int | None = None) -> None:
        """Store a silence; raises InvalidInput for one more than `most` in force or to come."""
        ...

    async def end_silence(self, owner: str, silence_id: str, now: int, actor: str) -> None:
        """End a silence now; raises NotFound."""
        ...

    async def watchlist(self, owner: str, name: str) -> tuple[str, ...]:
        """Return the symbols of a watchlist; raises NotFound."""
        ...

    async def set_watchlist(
        self, owner: str, name: str, symbols: Sequence[str], now: int, actor: str, most: int | None = None
    ) -> None:
        """Make or replace a watchlist; with no symbols it is gone. Raises InvalidInput for one more than `most`."""
        ...

    async def states(
        self, owner: str, alert_ids: Sequence[str] | None = None
    ) -> Mapping[str, Sequence[Standing]]:
        """Return the standings of an owner's alerts, or of some of them, by alert id."""
        ...


SETTLED = (AlertState.DONE, AlertState.EXPIRED, AlertState.ERROR)
"""States in which an alert needs no facts."""
