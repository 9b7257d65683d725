"""The alert engine: alerts of all owners, armed over the live market, decided by the judge, stored, then told."""

from collections.abc import Callable, Mapping, Sequence

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.alerts import Alert, AlertDraft, Explanation, Firing, Silence, Standing
from crypto_portfolio_analyzer.engine.ports import AlertStore
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager

FiringCall = Callable[[Alert, Firing], None]


class AlertEngine:
    """Arms, judges, stores and tells. Everything people do is by owner; `actor` is who did it, for the audit."""

    def __init__(
        self,
        *,
        store: AlertStore,
        feeds: PriceFeedManager,
        bus: StreamEventBus,
        clock: Clock,
    ) -> None:
        raise NotImplementedError

    async def start(self) -> None:
        """Load every enabled alert, go on from its stored standing, follow the market."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Store what is decided and let go of the market."""
        raise NotImplementedError

    async def create(
        self, owner: str, drafts: Sequence[AlertDraft], *, actor: str, key: str | None = None
    ) -> list[Alert]:
        """Check, store and arm alerts, all or none.

        Raises InvalidFields (paths like `condition` or `alerts[3].symbol`) and InvalidCondition.
        """
        raise NotImplementedError

    async def edit(self, owner: str, alert_id: str, draft: AlertDraft, *, actor: str) -> Alert:
        """Store a new revision and arm it anew; raises as `create`, and NotFound."""
        raise NotImplementedError

    async def remove(self, owner: str, alert_id: str, *, actor: str) -> Alert:
        """Delete; final when it returns."""
        raise NotImplementedError

    async def restore(self, owner: str, alert_id: str, *, actor: str) -> Alert:
        """Take a deletion back."""
        raise NotImplementedError

    async def pause(self, owner: str, alert_id: str, *, actor: str) -> Alert:
        """Stop judging; final when it returns."""
        raise NotImplementedError

    async def resume(self, owner: str, alert_id: str, *, actor: str) -> Alert:
        """Judge again, from a fresh start."""
        raise NotImplementedError

    async def explain(self, owner: str, alert_id: str) -> list[Explanation]:
        """Return, for each subject, why the alert has or has not fired; raises NotFound."""
        raise NotImplementedError

    async def standings(self, owner: str, alert_ids: Sequence[str]) -> Mapping[str, Sequence[Standing]]:
        """Return the states of alerts as they are now, judged or not, by alert id."""
        raise NotImplementedError

    async def silence(self, silence: Silence, *, actor: str) -> None:
        """Put a silence in force."""
        raise NotImplementedError

    async def end_silence(self, owner: str, silence_id: str, *, actor: str) -> None:
        """End a silence."""
        raise NotImplementedError

    def listen(self, call: FiringCall) -> Callable[[], None]:
        """Call `call(alert, firing)` for each firing once it is stored; return the function that ends it."""
        raise NotImplementedError

    async def start_monitoring(self) -> bool:
        """Judge again after `stop_monitoring`; False if it never stopped (S0)."""
        raise NotImplementedError

    async def stop_monitoring(self) -> int | None:
        """Stop judging and let go of every stream; return how many, None if stopped already (S0)."""
        raise NotImplementedError

    @property
    def is_monitoring(self) -> bool:
        """Tell whether alerts are judged."""
        raise NotImplementedError

    def symbols(self) -> Mapping[str, int]:
        """Return how many armed alerts stand on each canonical symbol."""
        raise NotImplementedError

    def cooling(self) -> int:
        """Return how many standings are in cooldown now."""
        raise NotImplementedError
