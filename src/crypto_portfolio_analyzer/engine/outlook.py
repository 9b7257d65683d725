"""The outlook: what the market does to standings: history that cannot be had, silence, refusal."""

from collections.abc import Iterable

from msgspec.structs import replace

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.alerts import AlertState, Standing
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.engine.demand import Demand
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.views import WatchState

FIRST_PRICE_WITHIN = 30 * 10**9
"""How long (ns) after it was armed an alert waits for the first price before that counts as silence."""
LOOKED_AT = 500
"""Symbols looked at in one sweep, so that thousands of them hold nobody up."""
_WAITING = (AlertState.WARMING, AlertState.ARMED, AlertState.PENDING)


class Outlook:
    """Looks at standings and at the market together."""

    def __init__(self, judge: Judge, feeds: PriceFeedManager, demand: Demand, clock: Clock) -> None:
        self._judge, self._feeds, self._demand, self._clock = judge, feeds, demand, clock
        self._to_look_at: list[str] = []
        self._lost: set[str] = set()

    def of(self, standings: Iterable[Standing]) -> list[Standing]:
        """Return standings as they are, those that the market keeps from being judged marked so."""
        return [self._seen(each) if each.state in _WAITING else each for each in standings]

    def _seen(self, standing: Standing) -> Standing:
        symbol = standing.symbol
        watch = self._feeds.find(symbol)
        if watch is not None and watch.state is WatchState.REFUSED:
            return replace(standing, state=AlertState.ERROR, reason=watch.reason)
        trouble = self._demand.troubles.get(symbol)
        if trouble is not None and standing.state is AlertState.WARMING:
            return replace(standing, reason=trouble)
        is_overdue = self._clock.now() - standing.since > FIRST_PRICE_WITHIN
        if is_overdue and self._feeds.market.latest(symbol) is None:
            return replace(standing, state=AlertState.NO_DATA, reason=f"no price of {symbol} yet")
        return standing

    def sweep(self, now: int) -> None:
        """Tell the judge which symbols no venue covers any more; the next fact of one ends that by itself."""
        if not self._to_look_at:
            self._to_look_at = list(self._demand.opened)
            self._lost &= set(self._to_look_at)
        looked_at, self._to_look_at = self._to_look_at[:LOOKED_AT], self._to_look_at[LOOKED_AT:]
        for symbol in looked_at:
            if not self._is_lost(symbol):
                self._lost.discard(symbol)
            elif symbol not in self._lost:
                self._lost.add(symbol)
                self._judge.lose(symbol, now)

    def _is_lost(self, symbol: str) -> bool:
        if not self._feeds.market.is_stale(symbol):
            return False
        watch = self._feeds.find(symbol)
        return watch is not None and watch.state is WatchState.STALE
