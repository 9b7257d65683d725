"""What was counted: attempts, deliveries that were settled, and how long their way took."""

from collections import Counter
from collections.abc import Mapping, Sequence

from crypto_portfolio_analyzer.core.alerts import Cause
from crypto_portfolio_analyzer.core.notices.notification import (
    PENDING,
    DeliveryState,
    Settlement,
    Work,
)
from crypto_portfolio_analyzer.engine.delivery.ports import Lane
from crypto_portfolio_analyzer.engine.delivery.sending import Flight, Result
from crypto_portfolio_analyzer.engine.delivery.sifting import was_held
from crypto_portfolio_analyzer.metrics import Buckets


class Tally:
    """Counts since the start of the process, and the lanes as they were seen last."""

    def __init__(self) -> None:
        self.states: Counter[str] = Counter()
        self.attempts: Counter[tuple[str, str]] = Counter()
        """By type of channel and outcome."""
        self.suppressed: Counter[str] = Counter()
        self.lanes: Sequence[Lane] = ()
        self.latencies = {"attempted": Buckets(), "accepted": Buckets()}

    def attempted(self, flight: Flight, result: Result) -> None:
        """Count an attempt; the first one of what was told on time is measured."""
        failure = result.failure
        outcome = "accepted" if failure is None else "unknown" if failure.is_unknown else "failed"
        self.attempts[flight.kind.name, outcome] += 1
        for work in flight.message:
            firing, delivery = work.firing, work.delivery
            if firing is None or firing.cause is not Cause.LIVE or was_held(work):
                continue
            if delivery.first_attempt_at is None:
                self.latencies["attempted"].observe(result.at - firing.stored_at)
            if failure is None and delivery.settled_at is None:
                first_at = delivery.first_attempt_at or result.at
                self.latencies["accepted"].observe(result.at + result.took - first_at)

    def settled(self, group: Sequence[Settlement], works: Mapping[str, Work]) -> None:
        """Count what has become final."""
        for each in group:
            if each.state in PENDING or each.delivery_id not in works:
                continue
            self.states[each.state] += 1
            if each.state is DeliveryState.SUPPRESSED:
                self.suppressed[each.reason.partition(" ")[0]] += 1

    @property
    def waiting(self) -> int:
        """How many deliveries are due, as far as they are counted."""
        return sum(lane.due for lane in self.lanes)

    def oldest(self, now: int) -> float:
        """Return for how many seconds the delivery has waited that has waited longest."""
        ages = ((now - lane.due_at) / 1e9 for lane in self.lanes if lane.due)
        return max(0.0, max(ages, default=0.0))
