"""Sentences: what a language says in messages; `{}` are filled with numbers, times and names already written."""

from collections.abc import Mapping

from msgspec import Struct

from crypto_portfolio_analyzer.core.alerts import Cause


class Sentences(Struct, frozen=True):
    """Everything a message can say, in one language."""

    articles: tuple[str, ...]
    """What a name loses where it stands alone."""
    price: str
    """How a condition on the price begins."""
    simulated: str
    late: str
    repeat: str
    day: str
    """The change over 24 hours."""
    decided: str
    within: str
    """The moment is known only to the bar."""
    causes: Mapping[Cause, str]
    """Why it is late."""
    before: str
    revision: str
    """Name and revision of an alert."""
    template_failed: str
    digest: str
    """How many alerts in which span."""
    falling: str
    rising: str
    worst: str
    best: str
    further: str
    """How many more there are than are shown."""
    test_title: str
    test_line: str
    simulated_line: str
    gone: str
    """A firing of which there is no record any more."""
    confirm_title: str
    confirm_line: str
    """What a code is for, with the code."""
    confirm_else: str
    """What to do if it was somebody else."""
    reason: str
    """Why somebody gets this mail, with the name of the channel."""
    settings: str
    """The link to where it can be stopped."""
    view: str
    """The link to read on."""
    quoted: str
    """Somebody's own words."""
