"""Age: what has lost its value is not told."""

from collections.abc import Sequence

from crypto_portfolio_analyzer.core.notices.notification import DeliveryState, Kind, Work
from crypto_portfolio_analyzer.engine.delivery.retrying import EXPIRED
from crypto_portfolio_analyzer.engine.delivery.sifting import Context, Ruling, Sifted, expiry, sift


def age(works: Sequence[Work], context: Context) -> Sifted:
    """End what is past its time to live."""

    def rule(work: Work) -> Ruling | None:
        ends_at = expiry(work, context.ttl)
        is_over = ends_at is not None and context.now >= ends_at
        if not is_over or work.delivery.kind is Kind.NOTICE:
            return None
        return Ruling(work, DeliveryState.DEAD, EXPIRED)

    return sift(works, rule)
