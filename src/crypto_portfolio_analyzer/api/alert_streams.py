"""Streams as S0 sees them: one per symbol that an owner's alerts stand on, or that was started by hand."""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from crypto_portfolio_analyzer.core.alerts import EVERY_SYMBOL, AlertState, Standing
from crypto_portfolio_analyzer.engine.alerting import AlertEngine
from crypto_portfolio_analyzer.engine.ports import AlertStore
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager

AT_REST = frozenset(
    {AlertState.DRAFT, AlertState.PAUSED, AlertState.EXPIRED, AlertState.DONE, AlertState.ERROR}
)
"""States in which an alert asks nothing of the market."""


class HandStreams:
    """Streams started by hand: they stay open without alerts, until stopped or until the server ends."""

    def __init__(self, feeds: PriceFeedManager) -> None:
        self._feeds = feeds
        self._held: dict[str, str] = {}

    @property
    def symbols(self) -> list[str]:
        """Return the canonical symbols that are held open."""
        return list(self._held)

    def start(self, text: str, symbol: str) -> bool:
        """Open the stream of a symbol as spelled; False if it is held open already. Raises InvalidSymbol."""
        if symbol in self._held:
            return False
        self._feeds.want(text)
        self._held[symbol] = text
        return True

    def stop(self, symbol: str) -> bool:
        """Let go of a stream; False if it was not held open by hand."""
        text = self._held.pop(symbol, None)
        if text is None:
            return False
        self._feeds.release(text)
        return True


class Activity(Struct, frozen=True):
    """What of an owner's alerts is at work: alerts by symbol, how many alerts in all, how many are cooling."""

    by_symbol: dict[str, int]
    alerts: int
    cooling: int


async def activity_of(engine: AlertEngine, store: AlertStore, owner: str) -> Activity:
    """Return what of an owner's alerts is at work now; no symbol counts zero."""
    stored = await store.states(owner)
    now = await engine.standings(owner, list(stored))
    at_work = [each for standings in now.values() for each in live(standings)]
    return Activity(
        by_symbol=dict(
            sorted(Counter(each.symbol for each in at_work if each.symbol != EVERY_SYMBOL).items())
        ),
        alerts=len({each.alert_id for each in at_work}),
        cooling=sum(each.state is AlertState.COOLDOWN for each in at_work),
    )


def live(standings: Sequence[Standing]) -> list[Standing]:
    """Return the standings that ask something of the market."""
    return [each for each in standings if each.state not in AT_REST]


def joined(symbol: str) -> str:
    """Spell a canonical symbol as S0 does: `BTCUSDT`."""
    return symbol.replace("/", "")
