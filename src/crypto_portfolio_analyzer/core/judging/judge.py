"""The judge: facts in, decisions out. Every armed alert over every subject, evaluated only where something flips.

The caller hands over facts in the order they were received, and before each one the instant it was received
(`advance`), so that what time alone decides is decided first. The same judge serves live, replay and back-test.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from crypto_portfolio_analyzer.core.alerts import Alert, Batch, Explanation, Silence, Standing
from crypto_portfolio_analyzer.core.conditions.tree import Condition
from crypto_portfolio_analyzer.core.market import Bar, Gap, Quote, SourceChange, Ticker, Trade

Forming = Callable[[str, str], Bar | None]
"""The forming bar of (symbol, timeframe), if there is one."""


class Demand(Struct, frozen=True):
    """What the judge needs of one subject: bar timeframes with how much history, and whether it follows the book."""

    symbol: str
    history: dict[str, int]
    needs_quotes: bool = False


class Judge:
    """Holds armed alerts, follows facts, collects what must be stored.

    `settle` says whether indicators wait until they are settled (live) or count from TA-Lib's first value (files).
    `columnar` keeps the common indicators as columns over all subjects.
    """

    def __init__(self, *, forming: Forming, settle: bool = True, columnar: bool = True) -> None:
        raise NotImplementedError

    def arm(
        self, alert: Alert, condition: Condition, symbol: str, standing: Standing | None, now: int
    ) -> Standing:
        """Take an alert for one subject into judgement, going on from a stored standing; return its state now."""
        raise NotImplementedError

    def disarm(self, alert_id: str, symbol: str | None = None) -> None:
        """Let go of an alert, for one subject or all."""
        raise NotImplementedError

    def demands(self) -> dict[str, Demand]:
        """Return what is needed of each subject now."""
        raise NotImplementedError

    def seed(self, symbol: str, timeframe: str, bars: Sequence[Bar], now: int) -> None:
        """Take closed history, oldest first; standings that only waited for it become armed."""
        raise NotImplementedError

    def trade(self, trade: Trade) -> None:
        """Judge a trade; late and back-filled ones say so themselves."""
        raise NotImplementedError

    def ticker(self, ticker: Ticker) -> None:
        """Judge 24 h statistics."""
        raise NotImplementedError

    def quote(self, quote: Quote) -> None:
        """Judge the best bid and ask."""
        raise NotImplementedError

    def bar(self, bar: Bar) -> None:
        """Take a closed bar; all that closed at one instant are judged together at the next fact or `flush`."""
        raise NotImplementedError

    def gap(self, gap: Gap) -> None:
        """Note that facts may be missing."""
        raise NotImplementedError

    def source_change(self, change: SourceChange, symbol: str) -> None:
        """Note that another venue serves a symbol: references begin anew."""
        raise NotImplementedError

    def advance(self, now: int) -> None:
        """Judge what time alone changes up to `now`."""
        raise NotImplementedError

    def flush(self) -> None:
        """Judge the bars that were taken."""
        raise NotImplementedError

    def silence(self, silences: Sequence[Silence]) -> None:
        """Replace the silences in force."""
        raise NotImplementedError

    def take(self) -> Batch:
        """Return what must be stored since the last call, with consistent cursors."""
        raise NotImplementedError

    def standings(self, alert_id: str) -> list[Standing]:
        """Return the standings of an alert as they are now."""
        raise NotImplementedError

    def explain(self, alert_id: str, symbol: str) -> Explanation:
        """Return why an alert has or has not fired; raises NotFound if it is not held."""
        raise NotImplementedError
