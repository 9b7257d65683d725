"""Silence: what was silenced after it fired, and still waits, is not told."""

from collections.abc import Sequence

from crypto_portfolio_analyzer.core.judging.rulings import matches
from crypto_portfolio_analyzer.core.notices.notification import Work
from crypto_portfolio_analyzer.engine.delivery.sifting import Context, Ruling, Sifted, sift, suppressed


def silencing(works: Sequence[Work], context: Context) -> Sifted:
    """Suppress firings that a silence in force matches."""
    in_force = [each for each in context.silences if each.starts_at <= context.now < each.ends_at]

    def rule(work: Work) -> Ruling | None:
        if work.alert is None or work.firing is None:
            return None
        for silence in in_force:
            if matches(silence, work.alert, work.firing.symbol):
                return suppressed(work, f"silence {silence.id}")
        return None

    return sift(works, rule)
