"""Presses under an alert's message: each acts once, says so in the message, and takes away what no longer applies.

A press counts only for a firing of the owner whom the person acts for, and only in the message that told it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from msgspec import Struct

from crypto_portfolio_analyzer.bot.alerts_pages import show_alert
from crypto_portfolio_analyzer.bot.charting import drawn
from crypto_portfolio_analyzer.bot.pages import Page, data
from crypto_portfolio_analyzer.bot.reviewing import begin_edit
from crypto_portfolio_analyzer.bot.silencing import silenced
from crypto_portfolio_analyzer.bot.standing import name_of, state_of
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.bot.telling_why import evident
from crypto_portfolio_analyzer.bot.words import Html, escaped, joined
from crypto_portfolio_analyzer.channels.telegram_buttons import SNOOZES, Button, Rows, more_rows, read_data
from crypto_portfolio_analyzer.core.alerts import Alert, Firing
from crypto_portfolio_analyzer.core.notices.graphemes import cut
from crypto_portfolio_analyzer.core.notices.notification import Delivery
from crypto_portfolio_analyzer.core.timeframes import HOUR
from crypto_portfolio_analyzer.engine.ports import SETTLED
from crypto_portfolio_analyzer.errors import NotFound

MOST_LISTED = 20
"""Firings of a digest that are listed."""


class Told(Struct, frozen=True):
    """What a press is about: the deliveries that its message told, its firing, and the alert as it is now."""

    deliveries: Sequence[Delivery]
    firing: Firing
    alert: Alert | None


async def pressed(talk: Talk) -> bool:
    """Act on a press under an alert; False if it was none of those."""
    read = read_data(talk.press.data) if talk.press is not None else None
    if read is None:
        return False
    action, key = read
    acting = _ACTIONS[action]
    told = await _told(talk, key)
    if told is None or talk.press is None:
        talk.toast = talk.words.plain("press.gone")
    elif acting.changes and not talk.person.may_change:
        talk.toast = talk.words.plain("read_only")
    elif talk.press.data not in {each.data for row in talk.press.rows for each in row}:
        talk.toast = talk.words.plain("press.done")
    elif acting.of_alert and told.alert is None:
        talk.toast = talk.words.plain("alert.gone")
    elif acting.of_revision and told.alert is not None and told.alert.revision != told.firing.revision:
        talk.toast = talk.words.plain("press.old", old=told.firing.revision, new=told.alert.revision)
    else:
        await acting.act(talk, told, action)
    return True


async def _told(talk: Talk, key: str) -> Told | None:
    """Look up what a press is about, by owner, firing and message."""
    if talk.press is None or talk.person.channel is None:
        return None
    reference = f"{talk.person.chat}:{talk.press.message}"
    deliveries = await talk.app.delivery.store.of_message(talk.owner, talk.person.channel.id, reference)
    found = next((each for each in deliveries if (each.firing_id or "").startswith(key)), None)
    if found is None or found.firing_id is None:
        return None
    try:
        firing = await talk.app.alert_store.firing(talk.owner, found.firing_id)
    except NotFound:
        return None
    try:
        alert: Alert | None = await talk.app.alert_store.get(talk.owner, firing.alert_id)
    except NotFound:
        alert = None
    return Told(deliveries, firing, alert)


# --- what a press does --------------------------------------------------------------------------------------


async def _seen(talk: Talk, told: Told, action: str) -> None:
    now = talk.app.clock.now()
    is_first = await talk.app.alert_store.mark_seen(talk.owner, told.firing.id, talk.person.name, now)
    by, at = talk.person.name, now
    if not is_first:
        seen = await talk.app.alert_store.seen(talk.owner, [told.firing.id])
        at, by = seen.get(told.firing.id, (now, talk.person.name))
    line = talk.words.plain("press.seen", name=by, at=talk.reader.moment(at))
    talk.toast = (
        line if is_first else talk.words.plain("press.seen.before", name=by, at=talk.reader.moment(at))
    )
    await _note(talk, line, without={action})


async def _snooze(talk: Talk, told: Told, action: str) -> None:
    matchers = {"id": told.firing.alert_id, "symbol": told.firing.symbol}
    now = talk.app.clock.now()
    made = await silenced(talk, matchers, SNOOZES[action] * HOUR)
    at = talk.reader.moment(made.ends_at)
    line = talk.words.plain("press.silenced", at=at, name=talk.person.name)
    talk.toast = line if made.starts_at >= now else talk.words.plain("press.silenced.before", at=at)
    await _note(talk, line, without={each for each in SNOOZES if SNOOZES[each] <= SNOOZES[action]})


async def _chart(talk: Talk, told: Told, _action: str) -> None:
    talk.house.beside.spawn(_draw, talk, told)


async def _draw(talk: Talk, told: Told) -> None:
    png = await drawn(talk, told.firing, told.alert) if told.alert is not None else None
    if png is None:
        await talk.post(Page(talk.words("press.no_chart")))
    else:
        text = talk.words("plain", text=f"{told.firing.symbol} · {name_of(told.alert) if told.alert else ''}")
        await talk.house.chats.picture(talk.person.chat, png, Page(text))


async def _why(talk: Talk, told: Told, _action: str) -> None:
    await talk.post(Page(evident(talk, told.alert, told.firing)))


async def _arm(talk: Talk, told: Told, action: str) -> None:
    alert = _alert(told)
    standings = (await talk.app.alerts.standings(talk.owner, [alert.id]))[alert.id]
    if alert.enabled and state_of(alert, standings) not in SETTLED:
        talk.toast = talk.words.plain("press.armed.before")
        return
    await talk.app.alerts.resume(talk.owner, alert.id, actor=talk.actor)
    await _changed(talk, "press.armed", without={action, "more"})


async def _more(talk: Talk, told: Told, action: str) -> None:
    alert, press = _alert(told), talk.press
    if press is not None and not any(each.data.startswith("v1:edit:") for row in press.rows for each in row):
        rows = (*_kept(press.rows, {action}), *more_rows(told.firing.id, alert, talk.words.language))
        await talk.house.chats.amend(talk.person.chat, press, Page(press.html, rows))


async def _edit(talk: Talk, told: Told, _action: str) -> None:
    await begin_edit(_beside_it(talk), _alert(told), "")


async def _pause(talk: Talk, told: Told, action: str) -> None:
    alert = _alert(told)
    if not alert.enabled:
        talk.toast = talk.words.plain("press.paused.before")
        return
    await talk.app.alerts.pause(talk.owner, alert.id, actor=talk.actor)
    await _changed(talk, "press.paused", without={action, "arm"}, undo=data("unpause", alert.id))


async def _delete(talk: Talk, told: Told, _action: str) -> None:
    alert = _alert(told)
    await talk.app.alerts.remove(talk.owner, alert.id, actor=talk.actor)
    gone = {"seen", *SNOOZES, "arm", "more", "edit", "pause", "del", "copy"}
    await _changed(talk, "press.deleted", without=gone, undo=data("undelete", alert.id))


async def _copy(talk: Talk, told: Told, _action: str) -> None:
    await talk.post(Page(Html(f"<code>{escaped(cut(_alert(told).condition, 3000))}</code>")))


async def _all(talk: Talk, told: Told, _action: str) -> None:
    ids = [each.firing_id for each in told.deliveries if each.firing_id is not None]
    firings = await talk.app.alert_store.stored(ids[:MOST_LISTED])
    lines = [
        talk.words(
            "digest.line",
            symbol=each.symbol,
            price=talk.reader.price(each.price),
            sentence=cut(each.evidence.sentence, 80),
        )
        for each in firings
        if each.id in ids
    ]
    more = talk.words("streams.more", count=len(ids) - MOST_LISTED) if len(ids) > MOST_LISTED else ""
    await talk.post(Page(joined(*lines, more)))


async def unpause(talk: Talk, arguments: Sequence[str]) -> None:
    """Take a pause back from under an alert's message; arguments: the alert's id."""
    await _undo(talk, talk.app.alerts.resume, arguments)


async def undelete(talk: Talk, arguments: Sequence[str]) -> None:
    """Take a deletion back from under an alert's message; arguments: the alert's id."""
    await _undo(talk, talk.app.alerts.restore, arguments)


async def _undo(talk: Talk, back: Callable[..., Awaitable[Alert]], arguments: Sequence[str]) -> None:
    try:
        alert = await back(talk.owner, arguments[0] if arguments else "", actor=talk.actor)
    except NotFound:
        talk.toast = talk.words.plain("alert.gone")
        return
    talk.toast = talk.words.plain("press.undone", name=talk.person.name)
    show = Button(talk.words.plain("new.show"), data("alertbelow", alert.id))
    if talk.press is not None:
        page = Page(joined(talk.press.html, escaped(talk.toast)), ((show,),))
        await talk.house.chats.amend(talk.person.chat, talk.press, page)


async def show_below(talk: Talk, arguments: Sequence[str]) -> None:
    """Show an alert below the message, which stays; arguments: the alert's id."""
    await show_alert(_beside_it(talk), arguments)


# --- what the message says then -----------------------------------------------------------------------------


async def _changed(talk: Talk, key: str, *, without: set[str], undo: str = "") -> None:
    talk.toast = talk.words.plain(key, name=talk.person.name)
    await _note(talk, talk.toast, without=without, undo=undo)


async def _note(talk: Talk, line: str, *, without: set[str], undo: str = "") -> None:
    """Add a line to the message and take buttons away."""
    press = talk.press
    if press is None:
        return
    rows = _kept(press.rows, without)
    if undo:
        rows = (*rows, (Button(talk.words.plain("undo"), undo),))
    await talk.house.chats.amend(talk.person.chat, press, Page(joined(press.html, escaped(line)), rows))


def _kept(rows: Rows, without: set[str]) -> Rows:
    kept = (tuple(each for each in row if _action(each) not in without) for row in rows)
    return tuple(row for row in kept if row)


def _action(button: Button) -> str:
    read = read_data(button.data)
    return read[0] if read is not None else "copy" if button.copy else ""


def _beside_it(talk: Talk) -> Talk:
    """Return the same turn without the message, so that pages come below it and not in its place."""
    return Talk(talk.house, talk.person)


def _alert(told: Told) -> Alert:
    assert told.alert is not None, "asked only of what has an alert"
    return told.alert


class _Action(Struct, frozen=True):
    act: Callable[[Talk, Told, str], Awaitable[None]]
    changes: bool = True
    of_alert: bool = True
    of_revision: bool = False


_ACTIONS: Mapping[str, _Action] = {
    "seen": _Action(_seen, of_alert=False),
    **dict.fromkeys(SNOOZES, _Action(_snooze)),
    "chart": _Action(_chart, changes=False),
    "why": _Action(_why, changes=False, of_alert=False),
    "arm": _Action(_arm, of_revision=True),
    "more": _Action(_more),
    "edit": _Action(_edit, of_revision=True),
    "pause": _Action(_pause, of_revision=True),
    "del": _Action(_delete, of_revision=True),
    "copy": _Action(_copy, changes=False),
    "all": _Action(_all, changes=False, of_alert=False),
}
