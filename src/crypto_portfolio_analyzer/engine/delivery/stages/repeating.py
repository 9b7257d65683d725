"""De-duplication: two channels of one owner that end in the same place tell a firing there once."""

from collections.abc import Sequence

from crypto_portfolio_analyzer.core.notices.notification import Work
from crypto_portfolio_analyzer.engine.delivery.sifting import Context, Ruling, Sifted, sift, suppressed


def repeating(works: Sequence[Work], context: Context) -> Sifted:
    """Suppress, for people, a firing that another delivery tells in the same place."""

    def rule(work: Work) -> Ruling | None:
        delivery = work.delivery
        if not context.for_people or delivery.firing_id is None:
            return None
        first = context.told.get((context.lane(work), delivery.firing_id), delivery.id)
        return None if first == delivery.id else suppressed(work, f"duplicate of {first}")

    return sift(works, rule)
