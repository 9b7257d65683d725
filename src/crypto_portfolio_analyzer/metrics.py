"""Every Prometheus metric, declared once.

The hot path counts in plain ints of its own; at a scrape the collector here asks the owners for them. A
metric exists at 0 for every value of its closed label sets from the start, before any owner has anything to
tell. Symbols, ids and URLs never become labels.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product

from msgspec import Struct
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.openmetrics import exposition as openmetrics

import crypto_portfolio_analyzer
from crypto_portfolio_analyzer.core.alerts import Cause
from crypto_portfolio_analyzer.core.market import RejectReason

PREFIX = "crypto_analyzer_"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
OTHER = "other"
"""Where a label value outside its closed set is counted."""

FACT_KINDS = ("trade", "ticker", "quote", "bar", "book", "gap", "control", OTHER)
STATES = ("connected", "connecting", "disconnected", "error", "reconnecting", "stopped")
WATCH_STATES = ("fallback", "live", "polled", "refused", "stale", "waiting")
OUTCOMES = ("done", "failed", "limited", "refused")
ROOMS = ("alerts", "portfolio", "predictions", "prices", "system", "tokens")
CAUSES = tuple(sorted(Cause))
STEPS = ("received", "evaluated", "stored", "attempted", "accepted")
"""The way of an alert: from the venue to us, to the decision, to the database, to the first attempt, to the reader."""
DELIVERY_STATES = ("cancelled", "dead", "delivered", "suppressed")
ATTEMPT_OUTCOMES = ("accepted", "failed", "unknown")
SUPPRESSIONS = ("duplicate", "inhibited", "silence", OTHER)
CLOSE_REASONS = ("client", "flood", "shutdown", "slow", "unauthorised", OTHER)
SIGN_OUTCOMES = ("failed", "sent", "withheld")
TABLES = ("bars", "coverage", OTHER)

VENUE = "venue"
"""A label whose values are the registered exchanges; the set is closed when the metrics are built."""
CHANNEL_TYPE = "channel_type"
"""A label whose values are the registered types of channels; closed likewise."""

CLOSED: dict[str, tuple[str, ...]] = {
    "cause": CAUSES,
    "kind": FACT_KINDS,
    "outcome": OUTCOMES,
    "reason": tuple(sorted(RejectReason)),
    "room": ROOMS,
    "state": STATES,
    "step": STEPS,
    "table": TABLES,
}

Key = str | tuple[str, ...]
Reading = float | Mapping[str, float] | Mapping[tuple[str, ...], float] | Mapping[Key, float]
"""One number, or numbers by label value (by a tuple of them where a metric has several labels)."""


class Declared(Struct, frozen=True):
    """A metric's name without the prefix, what it tells, and its labels."""

    name: str
    about: str
    labels: tuple[str, ...] = ()
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Label sets of this metric where they differ from the usual ones."""


class Gauge(Declared, frozen=True):
    """A number that goes up and down."""


class Counter(Declared, frozen=True):
    """A number that only grows; exported with the suffix `_total`."""


class Latency(Declared, frozen=True):
    """A histogram of durations, in seconds, by one label; its readings are `Buckets`."""


FRAMES = Counter("frames", "Messages received from venues.", (VENUE,))
FACTS = Counter("facts", "Facts decoded from venue messages, by kind.", (VENUE, "kind"))
REJECTS = Counter("rejects", "Messages or elements of them that were refused, by reason.", (VENUE, "reason"))
RECONNECTS = Counter("reconnects", "Connections opened again after one was lost.", (VENUE,))
CONNECTIONS = Gauge("connections", "Connections to venues, by state.", (VENUE, "state"))
SUBSCRIPTIONS = Gauge("subscriptions", "Subscriptions that a venue serves now.", (VENUE,))
GAPS = Counter("gaps", "Stretches in which trades may have been missed.", (VENUE,))
GAPS_OPEN = Gauge("gaps_open", "Gaps that are not back-filled yet.", (VENUE,))
BACKFILLED = Counter("backfilled_trades", "Missed trades fetched afterwards.", (VENUE,))
LATENCY = Latency("event_latency_seconds", "From the venue's event to our receiving it.", (VENUE,))
FEED_AGE = Gauge("feed_age_seconds", "Time since a venue told us anything; 0 until it did.", (VENUE,))
REST_REQUESTS = Counter("rest_requests", "REST requests to venues, by outcome.", (VENUE, "outcome"))
REST_WEIGHT = Counter("rest_weight", "Weight of REST requests in the venue's own budget.", (VENUE,))
WATCHES = Gauge("watches", "Wanted symbols, by how they are served.", ("state",), (("state", WATCH_STATES),))
BUS_PUBLISHED = Counter("bus_published", "Events published on the bus.")
BUS_PROCESSED = Counter("bus_processed", "Events handed to a subscriber.")
BUS_DROPPED = Counter("bus_dropped", "Events dropped or conflated because a subscriber's queue was full.")
BUS_DEPTH = Gauge("bus_queue_depth", "Events that wait in subscribers' queues.")
WS_CLIENTS = Gauge("ws_clients", "Clients connected to our WebSocket.")
WS_MEMBERS = Gauge("ws_room_members", "Clients that joined a room.", ("room",))
WS_SENT = Counter("ws_sent", "Messages sent to WebSocket clients.")
WS_CLOSED = Counter(
    "ws_closed", "WebSocket clients gone, by reason.", ("reason",), (("reason", CLOSE_REASONS),)
)
ROWS_WRITTEN = Counter("storage_rows_written", "Rows written to the database.", ("table",))
ALERTS_ARMED = Gauge("alerts_armed", "Armed alerts, counted once for each symbol they stand on.")
ALERTS_COOLING = Gauge("alerts_cooling", "Armed alerts in cooldown.")
ALERT_SYMBOLS = Gauge("alert_symbols", "Symbols whose streams are open for alerts.")
ALERTS_FIRED = Counter("alerts_fired", "Firings stored, by what made them late or not.", ("cause",))
ALERTS_SUPPRESSED = Counter(
    "alerts_suppressed", "Triggers that cooldown, a re-arm level or a silence kept back."
)
ALERTS_REFUSED = Counter(
    "alerts_refused", "Firings not stored because they were stored already, or their alert had changed."
)
ALERTS_WAITING = Gauge("alert_decisions_waiting", "Decisions that wait for the database.")
ALERT_COMMIT_FAILURES = Counter(
    "alert_commit_failures", "Commits of decisions that failed and were tried again."
)
ALERT_SECONDS = Latency("alert_seconds", "The steps of a firing's way, of those on time.", ("step",))
DELIVERIES = Counter(
    "deliveries",
    "Deliveries that have become final, by state.",
    ("state",),
    (("state", DELIVERY_STATES),),
)
DELIVERY_ATTEMPTS = Counter(
    "delivery_attempts",
    "Attempts to send, by type of channel and outcome; unknown ones may have arrived.",
    (CHANNEL_TYPE, "outcome"),
    (("outcome", ATTEMPT_OUTCOMES),),
)
DELIVERIES_SUPPRESSED = Counter(
    "deliveries_suppressed",
    "Deliveries not told on purpose, by reason.",
    ("reason",),
    (("reason", SUPPRESSIONS),),
)
DELIVERIES_DUE = Gauge(
    "deliveries_due", "Deliveries that could go now, counted up to 1,000 for each channel."
)
DELIVERIES_OLDEST = Gauge("deliveries_oldest_seconds", "Age of the delivery that has waited longest.")
DELIVERIES_UNSTORED = Gauge("deliveries_unstored", "Outcomes of attempts that wait for the database.")
REQUESTS_LIMITED = Counter(
    "requests_limited",
    "Requests refused because their address or their user asks too often.",
    ("by",),
    (("by", ("address", "user")),),
)
RATE_FALLBACKS = Counter("rate_fallbacks", "Times Redis could not count requests and this process did.")
ALIVE_SIGNS = Counter(
    "alive_signs",
    "Signs of life to the operator's address, by outcome; withheld while something is not well.",
    ("outcome",),
    (("outcome", SIGN_OUTCOMES),),
)
DATA_FREE = Gauge("data_free_bytes", "Free space where the data folder is.")
STARTED_AT = Gauge("start_time_seconds", "When this process started, seconds since 1970 UTC.")
BUILD = Gauge("build_info", "Always 1; the version is the label.", ("version",))

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Declared))
"""Every metric, in the order of the page."""

BOUNDS_SECONDS = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0,
)  # fmt: skip
_BOUNDS_NS = tuple(int(bound * 1e9) for bound in BOUNDS_SECONDS)


class Buckets:
    """Durations counted by size; one observation is a bisection and two additions (about 0.2 µs)."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(_BOUNDS_NS) + 1)
        self.total = 0

    def observe(self, nanoseconds: int) -> None:
        """Count one duration; a negative one (a venue's clock ahead of ours) counts as the smallest."""
        self.counts[bisect_left(_BOUNDS_NS, nanoseconds)] += 1
        self.total += max(0, nanoseconds)

    def quantile(self, share: float) -> float | None:
        """Return the seconds below which `share` (0–1) of the durations lie; None without any."""
        wanted = share * sum(self.counts)
        if not wanted:
            return None
        below, lower = 0, 0.0
        for count, upper in zip(self.counts, BOUNDS_SECONDS, strict=False):
            if count and below + count >= wanted:
                return min(upper, lower + (upper - lower) * (wanted - below) / count)
            below, lower = below + count, upper
        return lower

    def cumulative(self) -> list[tuple[str, float]]:
        """Return the Prometheus buckets: upper bound in seconds, durations up to it."""
        bounds = [str(bound) for bound in BOUNDS_SECONDS] + ["+Inf"]
        seen, rows = 0, []
        for bound, count in zip(bounds, self.counts, strict=True):
            seen += count
            rows.append((bound, float(seen)))
        return rows


class Metrics:
    """What `/metrics` shows: the declared metrics and the owners that know their numbers.

    `venues` and `channel_types` close the label sets of these names. Owners hand in callables that know their
    numbers; several owners of one metric add up.
    """

    def __init__(
        self,
        venues: Sequence[str],
        *,
        channel_types: Sequence[str] = (),
        version: str | None = None,
        started_at: float = 0.0,
    ) -> None:
        self._registered = {
            VENUE: (*sorted(venues), OTHER),
            CHANNEL_TYPE: (*sorted(channel_types), OTHER),
        }
        self._readers: dict[str, list[Callable[[], Reading]]] = {}
        self._latencies: dict[str, list[Callable[[], Mapping[str, Buckets]]]] = {}
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        build = crypto_portfolio_analyzer.__version__ if version is None else version
        self.read(BUILD, lambda: {build: 1.0})
        self.read(STARTED_AT, lambda: started_at)

    def read(self, metric: Declared, reader: Callable[[], Reading]) -> None:
        """Ask `reader` for the numbers of `metric` at each scrape; counters must count from the start."""
        self._readers.setdefault(metric.name, []).append(reader)

    def read_latency(self, reader: Callable[[], Mapping[str, Buckets]], metric: Latency = LATENCY) -> None:
        """Ask `reader` for the durations of `metric`, by the value of its label, at each scrape."""
        self._latencies.setdefault(metric.name, []).append(reader)

    def render(self) -> bytes:
        """Return the page in the Prometheus text format."""
        return generate_latest(self._registry)

    def served(self, accept: str) -> tuple[bytes, str]:
        """Return the page and its media type: OpenMetrics for who accepts it, else the Prometheus text format."""
        if OPEN_METRICS.partition(";")[0] in accept:
            page: bytes = openmetrics.generate_latest(self._registry, version="1.0.0")  # type: ignore[no-untyped-call]
            return page, OPEN_METRICS
        return self.render(), CONTENT_TYPE

    def collect(self) -> Iterator[Metric]:
        """Yield every metric, for the Prometheus client."""
        for metric in ALL:
            yield self._latency(metric) if isinstance(metric, Latency) else self._numbers(metric)

    def _numbers(self, metric: Declared) -> Metric:
        family = CounterMetricFamily if isinstance(metric, Counter) else GaugeMetricFamily
        shown: CounterMetricFamily | GaugeMetricFamily = family(
            PREFIX + metric.name, metric.about, labels=metric.labels
        )
        for key, value in self._sums(metric).items():
            shown.add_metric(list(key), value)
        return shown

    def _sums(self, metric: Declared) -> dict[tuple[str, ...], float]:
        sets = [self._closed_set(metric, label) for label in metric.labels]
        sums: dict[tuple[str, ...], float] = dict.fromkeys(product(*sets), 0.0)
        for reader in self._readers.get(metric.name, ()):
            for key, value in _by_labels(reader()):
                closed = tuple(_fold(part, known) for part, known in zip(key, sets, strict=True))
                sums[closed] = sums.get(closed, 0.0) + value
        return sums

    def _closed_set(self, metric: Declared, label: str) -> tuple[str, ...]:
        if label in self._registered:
            return self._registered[label]
        return dict(metric.values).get(label) or CLOSED.get(label, ())

    def _latency(self, metric: Latency) -> Metric:
        shown = HistogramMetricFamily(PREFIX + metric.name, metric.about, labels=metric.labels)
        known = self._closed_set(metric, metric.labels[0])
        by_value: dict[str, list[Buckets]] = {value: [] for value in known}
        for reader in self._latencies.get(metric.name, ()):
            for value, buckets in reader().items():
                by_value[_fold(value, known)].append(buckets)
        for value, parts in by_value.items():
            merged = _merge(parts)
            shown.add_metric([value], merged.cumulative(), merged.total / 1e9)
        return shown


def _by_labels(reading: Reading) -> Iterable[tuple[tuple[str, ...], float]]:
    if not isinstance(reading, Mapping):
        return [((), reading)]
    return [((key,) if isinstance(key, str) else key, value) for key, value in reading.items()]


def _fold(value: str, known: Sequence[str]) -> str:
    return value if not known or value in known else OTHER


def _merge(parts: Iterable[Buckets]) -> Buckets:
    merged = Buckets()
    for part in parts:
        merged.counts = [mine + other for mine, other in zip(merged.counts, part.counts, strict=True)]
        merged.total += part.total
    return merged
