"""The one message of a draft: each step edits it, and only its own buttons count."""

from collections.abc import Sequence

from crypto_portfolio_analyzer.bot.drafting import Draft
from crypto_portfolio_analyzer.bot.pages import Page, data, rows_of
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.channels.telegram_buttons import Button, Rows


async def show_step(talk: Talk, draft: Draft, text: str, rows: Rows, *, waits_for: str = "") -> None:
    """Show a draft's step with a way out; `waits_for` is what may be typed instead of pressing."""
    draft.waits_for = waits_for
    cancel = Button(talk.words.plain("new.cancel"), data("drop", draft.id, "x"))
    await show_last(talk, draft, Page(text, (*rows, (cancel,))))


async def show_last(talk: Talk, draft: Draft, page: Page) -> None:
    """Show a page in the draft's message, made if there is none."""
    if draft.message and await talk.house.chats.edit(draft.chat, draft.message, page):
        return
    draft.message = await talk.show(page)


def draft_of_press(talk: Talk, arguments: Sequence[str]) -> Draft | None:
    """Return the living draft whose message was pressed; None, and a word about it, if there is none."""
    draft = None
    if len(arguments) > 1 and talk.press is not None:
        draft = talk.house.drafts.of(talk.person.id, talk.person.chat, arguments[0])
        if draft is not None and draft.message != talk.press.message:
            draft = None
    if draft is None:
        talk.toast = talk.words.plain("new.too_late")
    return draft


async def ask_condition(talk: Talk, draft: Draft) -> None:
    """Ask for the whole condition."""
    await show_step(talk, draft, talk.words("new.condition", symbol=draft.symbol), (), waits_for="condition")


def offered(draft: Draft, labels: Sequence[str], what: str, wide: int) -> Rows:
    """Return the buttons of what a step offers; each says its place among the draft's offers."""
    buttons = (Button(label, data("step", draft.id, what, place)) for place, label in enumerate(labels))
    return rows_of(buttons, wide)
