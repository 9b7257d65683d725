"""The instant of a judgement: when it is, what brought it, and how sure it is."""

from msgspec import Struct

from crypto_portfolio_analyzer.core.alerts import Cause
from crypto_portfolio_analyzer.core.market import Bar

NOTHING_CLOSED: frozenset[tuple[str, str]] = frozenset()


class Moment(Struct, kw_only=True):
    """All that changed at one instant has been applied; the conditions it touches are judged now.

    `at` is event time (ns): the trade's, a bar's end, or when a timer was due. `closed` are the bars that ended, as
    (symbol, timeframe). `is_peek` marks a question of what would have been, which leaves no trace.
    """

    at: int
    received_at: int
    detected_at: int
    venue: str = ""
    trade_id: int | None = None
    price: float | None = None
    closed: frozenset[tuple[str, str]] = NOTHING_CLOSED
    bar: Bar | None = None
    late: bool = False
    approximated: bool = False
    cause: Cause = Cause.LIVE
    is_peek: bool = False
