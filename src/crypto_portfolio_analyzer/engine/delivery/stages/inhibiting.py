"""Inhibition: who was just told that it is critical need not be told what only informs about the same symbol."""

from collections.abc import Sequence

from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.core.notices.notification import Work
from crypto_portfolio_analyzer.engine.delivery.sifting import (
    Context,
    Ruling,
    Sifted,
    is_news,
    severity_of,
    sift,
    suppressed,
    symbol_of,
)
from crypto_portfolio_analyzer.engine.delivery.timing import INHIBITS


def inhibiting(works: Sequence[Work], context: Context) -> Sifted:
    """Suppress what only informs about a symbol of which something critical was told shortly before."""
    if not context.for_people or not context.channel.options.get("inhibit"):
        return Sifted(on=list(works))

    def rule(work: Work) -> Ruling | None:
        symbol = symbol_of(work)
        told_at = context.critical.get(symbol)
        if not symbol or told_at is None or not is_news(work) or severity_of(work) is not Severity.INFO:
            return None
        return suppressed(work, f"inhibited by {symbol}") if context.now - told_at < INHIBITS else None

    return sift(works, rule)
