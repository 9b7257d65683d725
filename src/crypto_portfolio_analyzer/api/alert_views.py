"""From alerts, firings and silences to what is shown of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Protocol

from crypto_portfolio_analyzer.api.alert_schemas import (
    AlertView,
    EvidenceView,
    ExplanationView,
    FiringView,
    LeafView,
    OperandView,
    RearmView,
    RevisionView,
    SentenceView,
    SilenceView,
    StandingView,
    SuppressedView,
)
from crypto_portfolio_analyzer.api.delivery_schemas import FiringDeliveryView
from crypto_portfolio_analyzer.api.schemas import decimal_or_none, finite_text, iso
from crypto_portfolio_analyzer.core.alerts import (
    Alert,
    AlertState,
    Evidence,
    Explanation,
    Firing,
    Leaf,
    Operand,
    Rearm,
    Silence,
    Standing,
    Suppressed,
)
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.summary import summarise
from crypto_portfolio_analyzer.core.conditions.tree import Condition
from crypto_portfolio_analyzer.errors import NotFound

MOST_STANDINGS = 50
LIVELIEST = (
    AlertState.FIRING,
    AlertState.PENDING,
    AlertState.ARMED,
    AlertState.COOLDOWN,
    AlertState.WARMING,
    AlertState.NO_DATA,
    AlertState.ERROR,
    AlertState.DRAFT,
    AlertState.PAUSED,
    AlertState.EXPIRED,
    AlertState.DONE,
)
"""States of an alert's symbols, the one it is shown with first."""


@lru_cache(maxsize=4096)
def condition_of(text: str, timeframe: str) -> Condition:
    """Return the condition of a stored alert; lists of alerts ask for the same ones again and again."""
    return read_condition(text, timeframe)


def sentence_of(condition: Condition, subject: str) -> SentenceView:
    """Return a condition as a sentence in each language; `subject` is whom it is about, empty for nobody yet."""
    en, de = (summarise(condition, subject, language).removeprefix(": ") for language in ("en", "de"))
    return SentenceView(en=en, de=de)


@lru_cache(maxsize=4096)
def _sentence(text: str, timeframe: str, subject: str) -> SentenceView:
    return sentence_of(condition_of(text, timeframe), subject)


def subject_of(alert: Alert) -> str:
    """Return whom an alert is about: its watchlist, or its symbols, of many the first two."""
    if alert.watchlist is not None:
        return alert.watchlist
    shown = ", ".join(alert.symbols[:2])
    return f"{shown} +{len(alert.symbols) - 2}" if len(alert.symbols) > 2 else shown


class AlertsById(Protocol):
    """Where alerts are kept."""

    async def get(self, owner: str, alert_id: str) -> Alert:
        """Return one alert; raises NotFound."""
        ...


async def alerts_of(store: AlertsById, owner: str, firings: Iterable[Firing]) -> dict[str, Alert]:
    """Return the alerts of firings by id, without those that are deleted."""
    found = {}
    for alert_id in dict.fromkeys(firing.alert_id for firing in firings):
        with suppress(NotFound):
            found[alert_id] = await store.get(owner, alert_id)
    return found


def liveliest(alert: Alert, standings: Sequence[Standing]) -> tuple[AlertState, str]:
    """Return the state an alert is shown with, and the reason of the first symbol in it."""
    if not alert.enabled:
        return AlertState.PAUSED, ""
    if not standings:
        return AlertState.WARMING, ""
    first = min(standings, key=lambda each: LIVELIEST.index(each.state))
    return first.state, first.reason


def alert_view(
    alert: Alert,
    standings: Sequence[Standing],
    *,
    fired: int = 0,
    nearest: float | None = None,
) -> AlertView:
    """Show an alert with its states; `fired` counts 30 days, `nearest` is in percent of the price."""
    state, reason = liveliest(alert, standings)
    sentence = _sentence(alert.condition, alert.timeframe, subject_of(alert))
    return AlertView(
        id=alert.id,
        name=alert.name,
        symbol=alert.symbols[0] if len(alert.symbols) == 1 else None,
        symbols=list(alert.symbols),
        watchlist=alert.watchlist,
        condition=alert.condition,
        timeframe=alert.timeframe,
        trigger=alert.trigger,
        cooldown_seconds=alert.cooldown / 1e9,
        rearm=_rearm(alert.rearm),
        fresh=alert.fresh,
        expires_at=iso_or_none(alert.expires_at),
        max_triggers=alert.max_triggers,
        severity=alert.severity,
        message=alert.message,
        channels=list(alert.channels),
        tags=list(alert.tags),
        enabled=alert.enabled,
        state=state,
        reason=reason,
        states=dict(Counter(str(each.state) for each in standings)),
        standings=[_standing(each) for each in standings[:MOST_STANDINGS]],
        revision=alert.revision,
        summary=sentence.en,
        sentence=sentence,
        fired_30d=fired,
        last_fired_at=iso_or_none(max((each.last_fired_at or 0 for each in standings), default=0) or None),
        nearest_percent=nearest,
        created_at=iso(alert.created_at),
        updated_at=iso(alert.updated_at),
        source=alert.source,
    )


def firing_view(
    firing: Firing,
    alert: Alert | None,
    *,
    simulated: bool,
    seen: tuple[int, str] | None = None,
    deliveries: Sequence[FiringDeliveryView] = (),
) -> FiringView:
    """Show a firing; `alert` is whose it is, unless that is gone, `seen` when (ns) and by whom."""
    return FiringView(
        id=firing.id,
        seq=firing.seq,
        alert_id=firing.alert_id,
        alert_name=alert.name if alert else None,
        severity=alert.severity if alert else None,
        message=alert.message if alert else None,
        revision=firing.revision,
        symbol=firing.symbol,
        price=finite_text(firing.price),
        event_at=iso(firing.event_at),
        received_at=iso(firing.received_at),
        detected_at=iso(firing.detected_at),
        stored_at=iso(firing.stored_at),
        late=firing.late,
        approximated=firing.approximated,
        cause=firing.cause,
        simulated=simulated,
        seen_at=iso(seen[0]) if seen else None,
        seen_by=seen[1] if seen else None,
        evidence=_evidence(firing.evidence),
        deliveries=list(deliveries),
    )


def explanation_view(told: Explanation) -> ExplanationView:
    """Show why an alert has, or has not, fired for one symbol."""
    return ExplanationView(
        symbol=told.symbol,
        state=told.state,
        reason=told.reason,
        sentence=told.sentence,
        holds=told.holds,
        leaves=[leaf_view(each) for each in told.leaves],
        warm_up=told.warm_up,
        cooldown_until=iso_or_none(told.cooldown_until),
        silenced_until=iso_or_none(told.silenced_until),
        suppressed=told.suppressed,
        nearest_percent=told.nearest_percent,
    )


def leaf_view(leaf: Leaf) -> LeafView:
    """Show one question."""
    return LeafView(
        text=leaf.text,
        holds=leaf.holds,
        value=leaf.left.value if leaf.left else None,
        need=leaf.right.value if leaf.right else None,
        distance=leaf.distance,
        missing=leaf.missing,
        left=_operand(leaf.left),
        right=_operand(leaf.right),
    )


def suppressed_view(each: Suppressed) -> SuppressedView:
    """Show a trigger that was swallowed."""
    return SuppressedView(
        symbol=each.symbol,
        revision=each.revision,
        event_at=iso(each.event_at),
        price=finite_text(each.price),
        reason=each.reason,
    )


def revision_view(alert: Alert, fields: Mapping[str, object]) -> RevisionView:
    """Show one revision; `fields` is what one would post to get it."""
    return RevisionView(
        revision=alert.revision,
        at=iso(alert.updated_at),
        name=alert.name,
        symbols=list(alert.symbols),
        condition=alert.condition,
        timeframe=alert.timeframe,
        trigger=alert.trigger,
        enabled=alert.enabled,
        fields=dict(fields),
    )


def silence_view(silence: Silence, now: int) -> SilenceView:
    """Show a silence as it is at `now` (ns)."""
    return SilenceView(
        id=silence.id,
        matchers=dict(silence.matchers),
        starts_at=iso(silence.starts_at),
        ends_at=iso(silence.ends_at),
        comment=silence.comment,
        created_at=iso(silence.created_at),
        active=silence.starts_at <= now < silence.ends_at,
    )


def iso_or_none(at: int | None) -> str | None:
    """Write an instant (ns) that may be missing."""
    return None if at is None else iso(at)


def _rearm(rearm: Rearm | None) -> RearmView | None:
    return RearmView(level=decimal_or_none(rearm.level), percent=rearm.percent) if rearm else None


def _standing(each: Standing) -> StandingView:
    return StandingView(
        symbol=each.symbol,
        state=each.state,
        reason=each.reason,
        since=iso_or_none(each.since or None),
        fired=each.fired,
        last_fired_at=iso_or_none(each.last_fired_at),
        cooldown_until=iso_or_none(each.cooldown_until),
        suppressed=each.suppressed,
    )


def _operand(operand: Operand | None) -> OperandView | None:
    return OperandView(text=operand.text, value=operand.value, before=operand.before) if operand else None


def _evidence(evidence: Evidence) -> EvidenceView:
    return EvidenceView(
        sentence=evidence.sentence,
        leaves=[leaf_view(each) for each in evidence.leaves],
        values=dict(evidence.values),
        before=dict(evidence.before),
        venue=evidence.venue,
        trade_id=evidence.trade_id,
        bar_open_at=iso_or_none(evidence.bar_open_at),
        warmed_with=evidence.warmed_with,
        note=evidence.note,
    )
