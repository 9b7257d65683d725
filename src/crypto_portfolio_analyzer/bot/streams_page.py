"""Streams: which symbols are live for somebody's alerts, kept up to date in place while they look."""

from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from crypto_portfolio_analyzer.bot.living import Scene
from crypto_portfolio_analyzer.bot.pages import Page, data
from crypto_portfolio_analyzer.bot.prices import label_of
from crypto_portfolio_analyzer.bot.standing import counted
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.bot.words import Html, joined
from crypto_portfolio_analyzer.channels.telegram_buttons import Button, Rows
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.notices.graphemes import cut
from crypto_portfolio_analyzer.engine.ports import SETTLED
from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.streaming.views import WatchState, WatchView

MOST_LINES = 8
_DOWN = (WatchState.STALE, WatchState.REFUSED, WatchState.WAITING)


async def streams(talk: Talk, _arguments: Sequence[str] = ()) -> None:
    """Show the streams, and keep the message up to date for a quarter of an hour."""
    page = await _draw(talk)
    message = await talk.show(page)
    if message:
        scene = Scene(lambda: _draw(talk), lambda last: _over(talk, last))
        talk.house.living.begin(talk.person.chat, message, page, scene, is_group=talk.person.is_group)


async def stop(talk: Talk, _arguments: Sequence[str] = ()) -> None:
    """Let the message stand still."""
    await talk.show(_over(talk, await _draw(talk)))


async def _draw(talk: Talk) -> Page:
    counts = await _alerts_by_symbol(talk)
    views = [view for view in (_view(talk, each) for each in counts) if view is not None]
    words = talk.words
    key = "streams.none" if not views else "streams.one" if len(views) == 1 else "streams"
    lines = [_line(talk, each, counts[each.symbol]) for each in views[:MOST_LINES]]
    more = words("streams.more", count=len(views) - MOST_LINES) if len(views) > MOST_LINES else ""
    title = words(key, count=len(views), at=talk.reader.moment(talk.app.clock.now()))
    return Page(joined(title, *lines, more), _rows(talk, Button(words.plain("streams.stop"), data("still"))))


def _over(talk: Talk, page: Page) -> Page:
    again = Button(talk.words.plain("streams.continue"), data("streams"))
    return replace(page, rows=_rows(talk, again))


def _rows(talk: Talk, first: Button) -> Rows:
    return ((first, Button(talk.words.plain("menu.back"), data("menu"))),)


async def _alerts_by_symbol(talk: Talk) -> Counter[str]:
    """Return how many alerts ask something of each symbol; symbols that are watched without any count zero."""
    app = talk.app
    stored = await app.alert_store.states(talk.owner)
    standings = await app.alerts.standings(talk.owner, list(stored))
    paused = {
        each.id for each in await app.alert_store.of_owner(talk.owner, limit=10_000) if not each.enabled
    }
    counts = Counter(
        each.symbol
        for alert_id, some in standings.items()
        for each in some
        if alert_id not in paused and each.state not in SETTLED
    )
    for text in app.settings.symbols:
        view = app.feeds.find(text)
        if view is not None:
            counts.setdefault(view.symbol, 0)
    return counts


def _view(talk: Talk, symbol: str) -> WatchView | None:
    try:
        return talk.app.feeds.find(symbol)
    except InvalidSymbol:  # `*` is no symbol of its own
        return None


def _line(talk: Talk, view: WatchView, alerts: int) -> Html:
    words, language = talk.words, talk.words.language
    if view.state in _DOWN:
        return _down(talk, view)
    latest = talk.app.market.latest(view.symbol)
    interval = view.expected_interval
    return words(
        "streams.line",
        mark="●" if view.state is WatchState.LIVE else "◐",
        sim="SIM " if latest is not None and latest.simulated else "",
        symbol=view.symbol,
        venue=label_of(view.source or ""),
        age=formats.age(view.age_seconds, language=language),
        rate=formats.UNKNOWN if not interval else formats.count(round(1 / interval), language=language),
        alerts=counted(words, alerts),
    )


def _down(talk: Talk, view: WatchView) -> Html:
    words = talk.words
    reason = cut(view.reason, 60)
    if view.state is WatchState.STALE:
        age = formats.age(view.age_seconds, language=words.language)
        return words("streams.stale", symbol=view.symbol, age=age, reason=f" → {reason}" if reason else "")
    key = "streams.waiting" if view.state is WatchState.WAITING else "streams.refused"
    return words(key, symbol=view.symbol, reason=reason)
