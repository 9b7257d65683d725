"""Payloads: what programs get of a message; the same shape whatever the language.

Types: `alert.fired` (one firing), `alert.digest` (`count`, and the ids of its `firings`: only people get digests),
`channel.test`, `channel.notice`, `signal.inbound` (`title`, `text`, and what belongs to it).
"""

from collections.abc import Mapping, Sequence

from crypto_portfolio_analyzer.core.alerts import Alert, Evidence
from crypto_portfolio_analyzer.core.notices.exact import decimal_text, iso
from crypto_portfolio_analyzer.core.notices.notification import Content, Kind
from crypto_portfolio_analyzer.core.notices.placeholders import Told

TYPES = {
    Kind.FIRING: "alert.fired",
    Kind.TEST: "channel.test",
    Kind.NOTICE: "channel.notice",
    Kind.INBOUND: "signal.inbound",
}
DIGEST = "alert.digest"


def firing_payload(told: Told) -> dict[str, object]:
    """Return one firing: prices as decimal strings, instants as ISO 8601 `Z`; what is not known is null."""
    firing = told.firing
    return {
        "id": firing.id,
        "alert": _alert(told.alert, firing.alert_id, firing.revision, firing.evidence.sentence),
        "symbol": firing.symbol,
        "price": decimal_text(firing.price),
        "event_at": iso(firing.event_at),
        "received_at": iso(firing.received_at),
        "detected_at": iso(firing.detected_at),
        "stored_at": iso(firing.stored_at),
        "late": firing.late,
        "cause": firing.cause.value,
        "approximated": firing.approximated,
        "simulated": told.simulated,
        "message": told.note,
        **_evidence(firing.evidence),
        "url": told.url or None,
    }


def digest_payload(tolds: Sequence[Told]) -> dict[str, object]:
    """Return which firings a digest tells."""
    return {"count": len(tolds), "firings": [told.firing.id for told in tolds]}


def content_payload(content: Content) -> dict[str, object]:
    """Return what is about no firing."""
    return {
        **content.data,
        "title": content.title,
        "text": content.text,
        "severity": content.severity.value,
    }


def _alert(alert: Alert, alert_id: str, revision: int, sentence: str) -> dict[str, object]:
    return {
        "id": alert_id,
        "name": alert.name,
        "revision": revision,
        "tags": list(alert.tags),
        "severity": alert.severity.value,
        "condition": alert.condition,
        "sentence": sentence,
    }


def _evidence(evidence: Evidence) -> dict[str, object]:
    return {
        "venue": evidence.venue,
        "values": _numbers(evidence.values),
        "before": _numbers(evidence.before),
    }


def _numbers(values: Mapping[str, float | None]) -> dict[str, str | None]:
    return {name: decimal_text(value) for name, value in values.items()}
