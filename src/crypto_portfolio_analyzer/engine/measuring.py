"""Measuring: tell the metrics page where the numbers of the alert engine are."""

from crypto_portfolio_analyzer import metrics as m
from crypto_portfolio_analyzer.engine.alerting import AlertEngine


def measure_alerts(engine: AlertEngine, metrics: m.Metrics) -> None:
    """Hand in every number of the engine, read at a scrape."""
    committer = engine.committer
    metrics.read(m.ALERTS_ARMED, lambda: float(sum(engine.symbols().values())))
    metrics.read(m.ALERTS_COOLING, lambda: float(engine.cooling()))
    metrics.read(m.ALERT_SYMBOLS, lambda: float(len(engine.demand.opened)))
    metrics.read(m.ALERTS_FIRED, lambda: {cause: float(count) for cause, count in committer.fired.items()})
    metrics.read(m.ALERTS_SUPPRESSED, lambda: float(committer.suppressed))
    metrics.read(m.ALERTS_REFUSED, lambda: float(committer.refused))
    metrics.read(m.ALERTS_WAITING, lambda: float(committer.waiting))
    metrics.read(m.ALERT_COMMIT_FAILURES, lambda: float(committer.failures))
    metrics.read_latency(lambda: committer.latencies, m.ALERT_SECONDS)
