"""The last step of a draft: the sentence to agree to with its back-test, or where the condition cannot be read."""

from collections.abc import Mapping, Sequence
from typing import Any

from crypto_portfolio_analyzer.bot.backtest_line import backtest_line
from crypto_portfolio_analyzer.bot.drafting import Draft
from crypto_portfolio_analyzer.bot.pages import Page, data
from crypto_portfolio_analyzer.bot.prices import label_of
from crypto_portfolio_analyzer.bot.standing import find_alert, name_of, sentence_of, subject_of
from crypto_portfolio_analyzer.bot.steps import ask_condition, draft_of_press, offered, show_last, show_step
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.bot.words import Html, joined
from crypto_portfolio_analyzer.channels.telegram_buttons import Button
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.alerts import Alert, AlertDraft
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.summary import summarise
from crypto_portfolio_analyzer.core.notices.graphemes import cut
from crypto_portfolio_analyzer.engine.drafts import NAME_LENGTH, draft_of, fields_of
from crypto_portfolio_analyzer.errors import InvalidCondition, InvalidFields, InvalidInput
from crypto_portfolio_analyzer.streaming.views import WatchState

WINDOW = 60
"""Characters of a condition that are shown around what is wrong."""
_CONNECTED = "connected"


async def review(talk: Talk, draft: Draft) -> None:
    """Show what a draft would make, and how that would have done; or what is wrong with it."""
    try:
        condition = read_condition(draft.condition, draft.timeframe)
    except InvalidCondition as error:
        await _refuse(talk, draft, error)
        return
    draft.condition, draft.tested = condition.spelling, talk.words.plain("new.testing")
    draft.cautions = tuple(f"{each.message}; {each.remedy}" for each in condition.cautions)
    await show_step(talk, draft, _text(talk, draft), _buttons(talk, draft))
    talk.house.beside.spawn(_test, talk, draft, draft.condition)


async def _test(talk: Talk, draft: Draft, condition: str) -> None:
    """Fill in the back-test's line once it is there, unless the draft has gone on meanwhile."""
    async with talk.house.testing:
        line = await backtest_line(talk.app, talk.words, _subject(draft), condition, draft.timeframe)
    held = talk.house.drafts.of(draft.person, draft.chat, draft.id)
    if held is draft and draft.condition == condition and not draft.waits_for:
        draft.tested = line
        await show_step(talk, draft, _text(talk, draft), _buttons(talk, draft))


def _subject(draft: Draft) -> str:
    return draft.symbol.partition(",")[0].partition(" ")[0]


def _text(talk: Talk, draft: Draft) -> Html:
    words = talk.words
    condition = read_condition(draft.condition, draft.timeframe)
    sentence = summarise(condition, draft.symbol, words.language).removeprefix(f"{draft.symbol}: ")
    values = {"symbol": draft.symbol, "sentence": sentence, "condition": cut(draft.condition, 200)}
    if draft.alert is None:
        title = words("new.review", **values)
    else:
        title = words("new.review.edit", name=name_of(draft.alert), **values)
    cautions = [words("new.caution", text=cut(str(each), 200)) for each in draft.cautions[:1]]
    return joined(title, *cautions, words("plain", text=draft.tested))


def _buttons(talk: Talk, draft: Draft) -> tuple[tuple[Button, ...], ...]:
    words = talk.words
    agree = words.plain("new.save" if draft.alert is not None else "new.create")
    change = Button(words.plain("new.change"), data("step", draft.id, "change"))
    return ((Button(agree, data("make", draft.id, "x")), change),)


async def _refuse(talk: Talk, draft: Draft, error: InvalidCondition) -> None:
    """Show where a condition cannot be read, with the fix as a button."""
    draft.offers = (error.fix,) if error.fix else ()
    rows = offered(draft, [cut(error.fix, 60)], "fix", 1) if error.fix else ()
    await show_step(
        talk, draft, talk.words("condition.bad", marked=marked(error)), rows, waits_for="condition"
    )


def marked(error: InvalidCondition) -> str:
    """Return the part of a condition around what is wrong, marks below it, and the sentence about it."""
    begin = max(0, error.start - WINDOW // 2)
    shown = error.text[begin : begin + WINDOW].replace("\n", " ").replace("\t", " ")
    place = error.start - begin
    marks = "^" * max(1, min(error.end - error.start, WINDOW - place))
    return f"{shown}\n{' ' * place}{marks}\n{cut(error.problem, 200)}"


async def drop(talk: Talk, arguments: Sequence[str]) -> None:
    """Forget a draft."""
    draft = draft_of_press(talk, arguments)
    if draft is not None:
        talk.house.drafts.end(draft)
        menu = Button(talk.words.plain("menu.back"), data("menu"))
        await show_last(talk, draft, Page(talk.words("new.cancelled"), ((menu,),)))


async def make(talk: Talk, arguments: Sequence[str]) -> None:
    """Make, or change, what a draft says; a draft makes one alert, however often it is pressed."""
    draft = draft_of_press(talk, arguments)
    if draft is None:
        return
    try:
        alert = await (_create(talk, draft) if draft.alert is None else _save(talk, draft, draft.alert))
    except InvalidCondition as error:
        await _refuse(talk, draft, error)
        return
    except InvalidInput as error:
        await show_step(talk, draft, talk.words("fields.bad", why=_why(error)), _buttons(talk, draft))
        return
    talk.house.drafts.end(draft)
    await show_last(talk, draft, _made(talk, alert, is_new=draft.alert is None))


async def _create(talk: Talk, draft: Draft) -> Alert:
    fields = {
        "name": await _free_name(talk, draft),
        "symbol": draft.symbol,
        "condition": draft.condition,
        "timeframe": draft.timeframe,
    }
    key = f"telegram:{draft.id}"
    return (
        await talk.app.alerts.create(talk.owner, [_read(talk, fields, "bot")], actor=talk.actor, key=key)
    )[0]


async def _save(talk: Talk, draft: Draft, alert: Alert) -> Alert:
    fields = fields_of(alert) | {"condition": draft.condition, "enabled": True}
    read = _read(talk, fields, alert.source)
    return await talk.app.alerts.edit(talk.owner, alert.id, read, actor=talk.actor)


def _read(talk: Talk, fields: Mapping[str, Any], source: str) -> AlertDraft:
    return draft_of(fields, now=talk.app.clock.now(), source=source)


async def _free_name(talk: Talk, draft: Draft) -> str:
    """Return a name that says what the alert is, and that no other has."""
    base = f"{draft.symbol.partition('/')[0]} {draft.condition}"
    name, number = cut(base, NAME_LENGTH - 5), 1
    while await find_alert(talk.app, talk.owner, name) is not None:
        number += 1
        name = f"{cut(base, NAME_LENGTH - 5)} {number}"
    return name


def _made(talk: Talk, alert: Alert, *, is_new: bool) -> Page:
    words = talk.words
    key = "new.created" if is_new else "new.saved"
    text = words(key, name=name_of(alert), sentence=sentence_of(alert, words.language))
    row = (
        Button(words.plain("new.show"), data("alert", alert.id)),
        Button(words.plain("menu.back"), data("menu")),
    )
    return Page(joined(text, _silence(talk, alert)), (row,))


def _silence(talk: Talk, alert: Alert) -> str:
    """Say that the venue is silent, if it is: the alert waits for it."""
    view = (
        talk.app.feeds.find(alert.symbols[0]) if len(alert.symbols) == 1 and "/" in alert.symbols[0] else None
    )
    if view is None or view.state not in (WatchState.STALE, WatchState.WAITING):
        return ""
    venue = view.source or talk.app.feeds.primary.exchange.name
    feed = next((each for each in talk.app.feeds.health() if each.venue == venue), None)
    if feed is None or (view.state is WatchState.WAITING and feed.status == _CONNECTED):
        return ""
    age = view.age_seconds if view.age_seconds is not None else feed.age_seconds
    if age is None:
        return talk.words("new.waiting", venue=label_of(venue))
    return talk.words("new.silent", venue=label_of(venue), age=formats.age(age, language=talk.words.language))


def _why(error: InvalidInput) -> str:
    if isinstance(error, InvalidFields):
        first = error.faults[0]
        return cut(f"{first.problem}; {first.remedy}" if first.remedy else first.problem, 300)
    return cut(str(error), 300)


async def edit(talk: Talk, arguments: Sequence[str]) -> None:
    """Begin to change an alert's condition; arguments: its id."""
    alert = await find_alert(talk.app, talk.owner, arguments[0] if arguments else "")
    if alert is None:
        talk.toast = talk.words.plain("alert.gone")
        return
    await begin_edit(talk, alert, "")


async def begin_edit(talk: Talk, alert: Alert, condition: str) -> None:
    """Begin a draft that changes an alert; without a condition that is asked for."""
    draft = talk.house.drafts.begin(talk.person.id, talk.person.chat)
    draft.alert, draft.symbol, draft.timeframe = alert, subject_of(alert), alert.timeframe
    draft.condition = condition.strip()
    await (review(talk, draft) if draft.condition else ask_condition(talk, draft))
