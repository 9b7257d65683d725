"""Alerts: the list, one of them, why it has or has not fired; pausing, resuming, deleting, and taking that back."""

from collections.abc import Sequence

from crypto_portfolio_analyzer.bot.pages import Page, data
from crypto_portfolio_analyzer.bot.reviewing import begin_edit
from crypto_portfolio_analyzer.bot.standing import (
    MARKS,
    find_alert,
    name_of,
    sentence_of,
    state_of,
    state_text,
)
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.bot.telling_why import explained
from crypto_portfolio_analyzer.bot.words import Words, joined
from crypto_portfolio_analyzer.channels.telegram_buttons import Button, Rows
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.alerts import Alert, AlertState, Standing
from crypto_portfolio_analyzer.core.notices.graphemes import cut
from crypto_portfolio_analyzer.core.timeframes import DAY
from crypto_portfolio_analyzer.errors import NotFound

PER_PAGE = 5
MOST = 1000
_COPIED = 256
_NAME = 60
SHOW, EDIT, DELETE, PAUSE = "alert", "edit", "del", "pause"
_ABOUT = {EDIT: "alerts.pick.edit", DELETE: "alerts.pick.del", PAUSE: "alerts.pick.pause"}


async def list_alerts(talk: Talk, arguments: Sequence[str] = ()) -> None:
    """Show a page of alerts; arguments: the page from 0, and what a press of a number does."""
    page = int(arguments[0]) if arguments and arguments[0].isdecimal() else 0
    purpose = arguments[1] if len(arguments) > 1 and arguments[1] in _ABOUT else SHOW
    alerts = await talk.app.alert_store.of_owner(talk.owner, limit=MOST)
    page = min(page, max(0, (len(alerts) - 1) // PER_PAGE))
    shown = alerts[page * PER_PAGE : (page + 1) * PER_PAGE]
    standings = await talk.app.alerts.standings(talk.owner, [each.id for each in shown])
    lines = [_line(talk.words, each, standings[each.id]) for each in shown]
    words = talk.words
    if not alerts:
        await talk.show(Page(words("alerts.none"), _menu_row(words, new=True)))
        return
    first = page * PER_PAGE + 1
    title = words("alerts", first=first, last=first + len(shown) - 1, count=len(alerts))
    about = words(_ABOUT[purpose]) if purpose in _ABOUT else ""
    numbers = tuple(Button(str(each.number), data(purpose, each.id)) for each in shown)
    turning = _turning(words, page, purpose, has_more=(page + 1) * PER_PAGE < len(alerts))
    rows = tuple(row for row in (numbers, turning) if row)
    await talk.show(
        Page(joined(title, *lines, about), (*rows, *_menu_row(words, new=talk.person.may_change)))
    )


def _line(words: Words, alert: Alert, standings: Sequence[Standing]) -> str:
    state = state_of(alert, standings)
    return words(
        "alerts.line",
        mark=MARKS[state],
        number=alert.number,
        name=cut(name_of(alert), _NAME),
        state=state_text(words, state),
    )


def _turning(words: Words, page: int, purpose: str, *, has_more: bool) -> tuple[Button, ...]:
    back = Button(words.plain("alerts.less"), data("alerts", page - 1, purpose))
    more = Button(words.plain("alerts.more"), data("alerts", page + 1, purpose))
    return (*((back,) if page else ()), *((more,) if has_more else ()))


def _menu_row(words: Words, *, new: bool) -> Rows:
    menu = Button(words.plain("menu.back"), data("menu"))
    return ((menu, Button(words.plain("menu.new"), data("new"))) if new else (menu,),)


async def show_alert(talk: Talk, arguments: Sequence[str]) -> None:
    """Show one alert; arguments: its id."""
    alert = await _named(talk, arguments)
    if alert is not None:
        await talk.show(await _page_of(talk, alert))


async def _named(talk: Talk, arguments: Sequence[str]) -> Alert | None:
    """Return the alert of a button, or say that it is gone."""
    try:
        return await talk.app.alert_store.get(talk.owner, arguments[0] if arguments else "")
    except NotFound:
        talk.toast = talk.words.plain("alert.gone")
        return None


async def _page_of(talk: Talk, alert: Alert) -> Page:
    words = talk.words
    standings = (await talk.app.alerts.standings(talk.owner, [alert.id]))[alert.id]
    state = state_of(alert, standings)
    since = talk.app.clock.now() - 30 * DAY
    fired = (await talk.app.alert_store.counts(talk.owner, since)).get(alert.id, 0)
    text = words(
        "alert",
        mark=MARKS[state],
        name=name_of(alert),
        sentence=sentence_of(alert, words.language),
        state=state_text(words, state),
        fired=formats.count(fired, language=words.language),
        number=alert.number,
        revision=alert.revision,
    )
    message = words("alert.message", message=cut(alert.message, 200)) if alert.message else ""
    return Page(joined(text, message), _alert_rows(talk, alert, state))


def _alert_rows(talk: Talk, alert: Alert, state: AlertState) -> Rows:
    words = talk.words
    why = Button(words.plain("alert.why"), data("why", alert.id))
    back = Button(words.plain("alert.back"), data("alerts", 0))
    if not talk.person.may_change:
        return ((why, back),)
    runs = alert.enabled and state not in (AlertState.DONE, AlertState.EXPIRED, AlertState.ERROR)
    turn = ("alert.pause", PAUSE) if runs else ("alert.resume", "resume")
    copying: tuple[Button, ...] = ()
    if len(alert.condition) <= _COPIED:
        copying = (Button(words.plain("alert.copy"), copy=alert.condition),)
    edit = Button(words.plain("alert.edit"), data(EDIT, alert.id))
    delete_it = Button(words.plain("alert.delete"), data(DELETE, alert.id), style="danger")
    return (why, edit, Button(words.plain(turn[0]), data(turn[1], alert.id))), (*copying, delete_it), (back,)


async def why(talk: Talk, arguments: Sequence[str]) -> None:
    """Tell why an alert has, or has not, fired; arguments: its id."""
    alert = await _named(talk, arguments)
    if alert is None:
        return
    told = await talk.app.alerts.explain(talk.owner, alert.id)
    back = Button(talk.words.plain("alert.back"), data(SHOW, alert.id))
    await talk.show(Page(explained(talk, alert, told), ((back,),)))


async def pause(talk: Talk, arguments: Sequence[str]) -> None:
    """Pause an alert; arguments: its id."""
    alert = await _named(talk, arguments)
    if alert is not None:
        await talk.app.alerts.pause(talk.owner, alert.id, actor=talk.actor)
        await _done(talk, "alert.paused", alert, "resume")


async def resume(talk: Talk, arguments: Sequence[str]) -> None:
    """Put an alert on watch again; arguments: its id."""
    alert = await _named(talk, arguments)
    if alert is not None:
        await talk.app.alerts.resume(talk.owner, alert.id, actor=talk.actor)
        await _done(talk, "alert.resumed", alert, PAUSE)


async def delete(talk: Talk, arguments: Sequence[str]) -> None:
    """Delete an alert; arguments: its id."""
    alert = await _named(talk, arguments)
    if alert is not None:
        await talk.app.alerts.remove(talk.owner, alert.id, actor=talk.actor)
        await _done(talk, "alert.deleted", alert, "restore")


async def restore(talk: Talk, arguments: Sequence[str]) -> None:
    """Take a deletion back; arguments: the alert's id."""
    try:
        alert = await talk.app.alerts.restore(talk.owner, arguments[0] if arguments else "", actor=talk.actor)
    except NotFound:
        talk.toast = talk.words.plain("alert.gone")
        return
    await talk.show(await _page_of(talk, alert))


async def _done(talk: Talk, key: str, alert: Alert, undo: str) -> None:
    """Say what was done, with the button that takes it back."""
    words = talk.words
    rows = (
        (
            Button(words.plain("undo"), data(undo, alert.id)),
            Button(words.plain("alert.back"), data("alerts", 0)),
        ),
    )
    await talk.show(Page(words(key, name=name_of(alert)), rows))


async def named_or_picked(talk: Talk, text: str, purpose: str) -> Alert | None:
    """Return the alert a command names; without a name let one be picked, an unknown one is said."""
    if not text.strip():
        await list_alerts(talk, ("0", purpose))
        return None
    alert = await find_alert(talk.app, talk.owner, text)
    if alert is None:
        await talk.say("alerts.unknown", name=cut(text.strip(), 40))
    return alert


async def pause_command(talk: Talk, text: str) -> None:
    """Take `/pause NAME`: pause an alert, or resume one that is paused."""
    alert = await named_or_picked(talk, text, PAUSE)
    if alert is not None:
        await (pause if alert.enabled else resume)(talk, (alert.id,))


async def delete_command(talk: Talk, text: str) -> None:
    """Take `/delete NAME`."""
    alert = await named_or_picked(talk, text, DELETE)
    if alert is not None:
        await delete(talk, (alert.id,))


async def edit_command(talk: Talk, text: str) -> None:
    """Take `/edit NAME`, or `/edit NUMBER price crosses above 66000` in one line."""
    first, _, condition = text.strip().partition(" ")
    if condition and await find_alert(talk.app, talk.owner, text) is None:
        alert = await find_alert(talk.app, talk.owner, first)
        if alert is not None:
            await begin_edit(talk, alert, condition)
            return
    alert = await named_or_picked(talk, text, EDIT)
    if alert is not None:
        await begin_edit(talk, alert, "")
