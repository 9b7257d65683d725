"""The way of what was claimed: age, silence, quiet hours, inhibition, de-duplication, grouping."""

from collections.abc import Sequence

from crypto_portfolio_analyzer.core.notices.notification import Work
from crypto_portfolio_analyzer.engine.delivery.sifting import Context, Ruling, Stage
from crypto_portfolio_analyzer.engine.delivery.stages.age import age
from crypto_portfolio_analyzer.engine.delivery.stages.grouping import Grouped, grouping
from crypto_portfolio_analyzer.engine.delivery.stages.inhibiting import inhibiting
from crypto_portfolio_analyzer.engine.delivery.stages.quiet import quiet
from crypto_portfolio_analyzer.engine.delivery.stages.repeating import repeating
from crypto_portfolio_analyzer.engine.delivery.stages.silencing import silencing

STAGES: tuple[Stage, ...] = (age, silencing, quiet, inhibiting, repeating)
"""In order; grouping comes last."""


def prepare(works: Sequence[Work], context: Context) -> Grouped:
    """Return the messages to send and what became of all that is in none; of every delivery exactly one."""
    ruled: list[Ruling] = []
    on = sorted(works, key=lambda work: work.delivery.number)
    for stage in STAGES:
        sifted = stage(on, context)
        on, ruled = sifted.on, ruled + sifted.ruled
    grouped = grouping(on, context)
    return Grouped(messages=grouped.messages, ruled=ruled + grouped.ruled)
