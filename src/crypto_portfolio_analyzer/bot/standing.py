"""How an alert stands: its state in a word, its condition in a sentence, and how to find it by what people type."""

from collections.abc import Sequence
from functools import lru_cache

from crypto_portfolio_analyzer.app import App
from crypto_portfolio_analyzer.bot.words import Words
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.alerts import Alert, AlertState, Standing
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.summary import summarise
from crypto_portfolio_analyzer.core.formats import Language
from crypto_portfolio_analyzer.core.notices.markup import clean
from crypto_portfolio_analyzer.errors import NotFound

MARKS = {
    AlertState.FIRING: "🔔",
    AlertState.PENDING: "◔",
    AlertState.ARMED: "●",
    AlertState.COOLDOWN: "◍",
    AlertState.WARMING: "◌",
    AlertState.NO_DATA: "○",
    AlertState.ERROR: "△",
    AlertState.DRAFT: "·",
    AlertState.PAUSED: "⏸",
    AlertState.EXPIRED: "⌛",
    AlertState.DONE: "✓",
}
"""States, the one that an alert of many symbols is shown with first."""
_ORDER = tuple(MARKS)


def state_of(alert: Alert, standings: Sequence[Standing]) -> AlertState:
    """Return the state an alert is shown with: the liveliest of its symbols'."""
    if not alert.enabled:
        return AlertState.PAUSED
    states = (each.state for each in standings)
    return min(states, key=_ORDER.index, default=AlertState.WARMING)


def state_text(words: Words, state: AlertState) -> str:
    """Return a state in a word or two."""
    return words.plain(f"state.{state}")


def subject_of(alert: Alert) -> str:
    """Return whom an alert is about: its watchlist, or its symbols, of many the first two."""
    if alert.watchlist is not None:
        return clean(alert.watchlist, "name")
    shown = ", ".join(alert.symbols[:2])
    return f"{shown} +{len(alert.symbols) - 2}" if len(alert.symbols) > 2 else shown


def sentence_of(alert: Alert, language: Language) -> str:
    """Return what an alert waits for."""
    return _sentence(alert.condition, alert.timeframe, subject_of(alert), language)


@lru_cache(maxsize=1024)
def _sentence(condition: str, timeframe: str, subject: str, language: Language) -> str:
    return summarise(read_condition(condition, timeframe), subject, language)


def name_of(alert: Alert) -> str:
    """Return an alert's name as it may be shown."""
    return clean(alert.name, "name")


async def find_alert(app: App, owner: str, text: str) -> Alert | None:
    """Return the alert that somebody means: by its number, its name or its id; None if there is none."""
    wanted = text.strip().removeprefix("#")
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10:
        found = await app.alert_store.of_owner(owner, after=int(wanted) - 1, limit=1)
        if found and found[0].number == int(wanted):
            return found[0]
    try:
        return await app.alert_store.get(owner, text.strip())
    except NotFound:
        return None


def counted(words: Words, alerts: int) -> str:
    """Return a number of alerts in words."""
    count = formats.count(alerts, language=words.language)
    return words.plain("alerts.one" if alerts == 1 else "alerts.many", count=count)
