"""Measuring: tell the metrics page where the numbers of the delivery engine are."""

from collections.abc import Mapping

from crypto_portfolio_analyzer import metrics as m
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.engine.delivery.delivering import DeliveryEngine


def _numbers(counts: Mapping[tuple[str, str], int]) -> Mapping[tuple[str, ...], float]:
    return {labels: float(count) for labels, count in counts.items()}


def measure_deliveries(engine: DeliveryEngine, metrics: m.Metrics, clock: Clock) -> None:
    """Hand in every number of the engine, read at a scrape."""
    tally = engine.tally
    metrics.read(m.DELIVERIES, lambda: {state: float(count) for state, count in tally.states.items()})
    metrics.read(m.DELIVERY_ATTEMPTS, lambda: _numbers(tally.attempts))
    metrics.read(
        m.DELIVERIES_SUPPRESSED,
        lambda: {reason: float(count) for reason, count in tally.suppressed.items()},
    )
    metrics.read(m.DELIVERIES_DUE, lambda: float(tally.waiting))
    metrics.read(m.DELIVERIES_OLDEST, lambda: tally.oldest(clock.now()))
    metrics.read(m.DELIVERIES_UNSTORED, lambda: float(engine.unstored))
    metrics.read_latency(lambda: tally.latencies, m.ALERT_SECONDS)
