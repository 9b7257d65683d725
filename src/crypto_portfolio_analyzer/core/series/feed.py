"""The feed itself: how old, whether facts may be missing, how many venues deliver."""

from collections.abc import Callable, Mapping

from crypto_portfolio_analyzer.core.series.catalog import (
    UNKNOWN,
    Domain,
    Output,
    SeriesKind,
    TickState,
    Unit,
    register,
)
from crypto_portfolio_analyzer.core.series.wording import texts


def age(state: TickState, now: int) -> float:
    """Return the seconds since anything of the subject came; NaN before anything has."""
    return (now - state.heard_at) / 1e9 if state.heard_at else UNKNOWN


def _register(
    name: str,
    read: Callable[[TickState, int], float],
    output: Output,
    summary: Mapping[str, str],
    about: Mapping[str, str],
    by_time: bool = False,
) -> None:
    register(
        SeriesKind(
            name=name,
            family="feed",
            domain=Domain.TICK,
            outputs=(output,),
            summary=summary,
            about=about,
            read=read,
            by_time=by_time,
        )
    )


_register(
    "feed.age",
    age,
    Output(unit=Unit.DURATION, low=0),
    texts("the age of the data", "das Alter der Daten"),
    texts("Time since anything of the symbol came.", "Zeit, seit etwas über das Symbol kam."),
    by_time=True,
)
_register(
    "feed.gap",
    lambda state, _now: float(state.gap),
    Output(unit=Unit.FLAG, low=0, high=1),
    texts("a gap in the feed", "eine Lücke im Datenstrom"),
    texts("1 while facts may be missing, else 0.", "1, solange Daten fehlen können, sonst 0."),
)
_register(
    "feed.source_count",
    lambda state, _now: float(state.sources),
    Output(unit=Unit.COUNT, low=0),
    texts("the number of sources", "die Zahl der Quellen"),
    texts("How many venues deliver the symbol.", "Wie viele Handelsplätze das Symbol liefern."),
)
