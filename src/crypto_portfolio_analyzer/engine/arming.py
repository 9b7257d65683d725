"""Arming: from a stored alert to one that is judged, and back, for as long as it lives."""

import heapq
import logging
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.alerts import EVERY_SYMBOL, Alert, AlertState, Decision, Standing
from crypto_portfolio_analyzer.core.conditions.shapes import Shapes
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.engine.committing import Committer
from crypto_portfolio_analyzer.engine.demand import Demand
from crypto_portfolio_analyzer.engine.ports import SETTLED, AlertStore
from crypto_portfolio_analyzer.engine.roster import NOTHING_BEGAN, NOTHING_KNOWN, Roster
from crypto_portfolio_analyzer.engine.symbols import every_symbol
from crypto_portfolio_analyzer.errors import InvalidCondition, NotFound, StorageUnavailable
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager

logger = logging.getLogger(__name__)

EXPIRY_GRACE = 2 * 10**9
"""How long (ns) after its end an alert is still held, for facts under way from before it."""


class Arming:
    """Takes alerts into judgement and lets go of them; what that changes goes to the store with the next commit."""

    def __init__(
        self,
        *,
        judge: Judge,
        roster: Roster,
        demand: Demand,
        committer: Committer,
        store: AlertStore,
        feeds: PriceFeedManager,
        clock: Clock,
    ) -> None:
        self._judge, self._roster, self._demand, self._committer = judge, roster, demand, committer
        self._store, self._feeds, self._clock = store, feeds, clock
        self._shapes = Shapes()
        self._expiring: list[tuple[int, str, int]] = []
        self._cooling: dict[tuple[str, str], int] = {}

    async def symbols_of(self, alert: Alert) -> Sequence[str]:
        """Return the symbols an alert is for now: its watchlist's, every one the venue lists, or its own."""
        if alert.watchlist is not None:
            try:
                return await self._store.watchlist(alert.owner, alert.watchlist)
            except (NotFound, StorageUnavailable):  # what cannot be read now is looked at again soon
                return ()
        return every_symbol(self._feeds) if alert.symbols == (EVERY_SYMBOL,) else alert.symbols

    async def begin(self, alert: Alert, known: Mapping[str, Standing]) -> None:
        """Judge an alert from the next fact on, going on from `known` standings."""
        self.hold(alert, await self.symbols_of(alert), known)
        self.open(alert.id)

    async def known(self, alert_id: str) -> dict[str, Standing]:
        """Return what is stored of an alert's standings, by symbol."""
        return {each.symbol: each for each in await self._store.standings([alert_id])}

    def hold(
        self,
        alert: Alert,
        symbols: Sequence[str],
        known: Mapping[str, Standing] = NOTHING_KNOWN,
        began: Mapping[str, int] = NOTHING_BEGAN,
    ) -> None:
        """Take an alert into judgement without opening anything.

        It goes on from `known` standings, where the facts of a symbol began anew (ns).
        """
        now = self._clock.now()
        try:
            condition = self._shapes.read(alert.condition, alert.timeframe)
        except InvalidCondition as error:
            logger.error("a stored condition cannot be read", extra={"alert": alert.id, "why": error.problem})
            self._settle(alert, symbols, AlertState.ERROR, error.problem)
            return
        awake = {symbol: _awake(each) for symbol, each in known.items()}
        armed = self._roster.arm(alert, condition, symbols, now, awake, began)
        self._committer.add([each for each in armed if _is_news(each, known.get(each.symbol))])
        if alert.expires_at is not None:
            due = max(alert.expires_at + EXPIRY_GRACE, self._committer.resumed_at + EXPIRY_GRACE)
            heapq.heappush(self._expiring, (due, alert.id, alert.revision))
        for each in known.values():
            self._note(each)

    def open(self, alert_id: str) -> None:
        """Open what a held alert needs of the market."""
        for symbol in self._roster.wished_by(alert_id):
            self._demand.open(symbol)

    def end(self, alert_id: str) -> None:
        """Judge an alert no longer."""
        self._roster.disarm(alert_id)

    def end_all(self) -> None:
        """Judge nothing any longer."""
        for alert_id in list(self._roster.alerts):
            self._roster.disarm(alert_id)

    def decided(self, decisions: Sequence[Decision]) -> None:
        """Let go of what a stored decision has settled."""
        for decision in decisions:
            standing = decision.standing
            self._note(standing)
            alert = self._roster.alerts.get(standing.alert_id)
            if standing.state in SETTLED and alert is not None and alert.revision == standing.revision:
                self._roster.leave(standing.alert_id, standing.symbol, is_done=True)

    def expire(self, now: int) -> None:
        """Let go of alerts whose time is over."""
        while self._expiring and self._expiring[0][0] <= now:
            _due, alert_id, revision = heapq.heappop(self._expiring)
            alert = self._roster.alerts.get(alert_id)
            if alert is not None and alert.revision == revision:
                self._settle(alert, self._roster.held(alert_id), AlertState.EXPIRED, "its time is over")
                self._roster.disarm(alert_id)

    async def follow_lists(self) -> None:
        """Arm growing alerts for symbols that have come and let go of those that have gone."""
        for alert_id, condition in list(self._roster.growing.items()):
            alert = self._roster.alerts[alert_id]
            wanted = await self.symbols_of(alert)
            if self._roster.alerts.get(alert_id) is not alert:
                continue
            held = set(self._roster.held(alert_id))
            for symbol in held.difference(wanted):
                self._roster.leave(alert_id, symbol, is_done=False)
            new = [symbol for symbol in wanted if symbol not in held]
            if new:
                known = await self.known(alert_id)  # so that it does not count from the beginning again
                self._committer.add(self._roster.arm(alert, condition, new, self._clock.now(), known))
                self.open(alert_id)

    def cooling(self, now: int) -> int:
        """Return how many standings are in cooldown."""
        self._cooling = {key: until for key, until in self._cooling.items() if until > now}
        return len(self._cooling)

    def _note(self, standing: Standing) -> None:
        if standing.state is AlertState.COOLDOWN and standing.cooldown_until is not None:
            self._cooling[standing.alert_id, standing.symbol] = standing.cooldown_until

    def _settle(self, alert: Alert, symbols: Sequence[str], state: AlertState, reason: str) -> None:
        now = self._clock.now()
        known = {each.symbol: each for each in self._judge.standings(alert.id)}
        self._committer.decide(
            replace(known[symbol], state=state, reason=reason, since=now)
            if symbol in known
            else Standing(
                alert_id=alert.id,
                symbol=symbol,
                revision=alert.revision,
                state=state,
                reason=reason,
                since=now,
            )
            for symbol in symbols
        )


def _is_news(standing: Standing, stored: Standing | None) -> bool:
    return stored is None or stored.state is not standing.state


def _awake(standing: Standing) -> Standing:
    """Return a stored standing as one that waits for facts again, if it had none."""
    is_lost = standing.state is AlertState.NO_DATA
    return replace(standing, state=AlertState.WARMING) if is_lost else standing
