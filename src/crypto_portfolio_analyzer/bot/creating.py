"""Making an alert in plain steps, all in one message: symbol, preset, value, then the sentence to agree to."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from crypto_portfolio_analyzer.bot.drafting import Draft
from crypto_portfolio_analyzer.bot.numbering import read_number
from crypto_portfolio_analyzer.bot.pages import data, rows_of
from crypto_portfolio_analyzer.bot.presets import OWN, PRESETS, offers
from crypto_portfolio_analyzer.bot.prices import price_text
from crypto_portfolio_analyzer.bot.reviewing import review
from crypto_portfolio_analyzer.bot.steps import ask_condition, draft_of_press, offered, show_step
from crypto_portfolio_analyzer.bot.symbols import market_of, meant, recent
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.channels.telegram_buttons import Button
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.notices.graphemes import cut
from crypto_portfolio_analyzer.errors import InvalidSymbol

WAITS = ("symbol", "value", "condition")
"""What may be typed, by step."""


async def new_command(talk: Talk, text: str) -> None:
    """Take `/new`, `/new BTC` and `/new BTC price crosses above 65500`."""
    symbol, _, condition = text.strip().partition(" ")
    draft = talk.house.drafts.begin(talk.person.id, talk.person.chat)
    if not symbol:
        await _ask_symbol(talk, draft)
    elif await _take_symbol(talk, draft, symbol, condition):
        await (review(talk, draft) if draft.condition else _ask_preset(talk, draft))


async def new(talk: Talk, _arguments: Sequence[str] = ()) -> None:
    """Begin from a button."""
    await new_command(talk, "")


async def new_for(talk: Talk, arguments: Sequence[str]) -> None:
    """Begin with a symbol; arguments: the symbol."""
    await new_command(talk, ":".join(arguments))


async def step(talk: Talk, arguments: Sequence[str]) -> None:
    """Take a press within a draft; arguments: the draft's id, what was pressed, and which."""
    draft = draft_of_press(talk, arguments)
    if draft is None:
        return
    what, which = arguments[1], arguments[2] if len(arguments) > 2 else ""
    taking = _TAKING.get(what)
    if taking is not None:
        await taking(talk, draft, which)


async def _press_symbol(talk: Talk, draft: Draft, which: str) -> None:
    chosen = _chosen(draft, which)
    if chosen and await _take_symbol(talk, draft, chosen, draft.condition):
        await (review(talk, draft) if draft.condition else _ask_preset(talk, draft))


async def _press_preset(talk: Talk, draft: Draft, which: str) -> None:
    draft.preset = which if which in PRESETS else ""
    await (_ask_value(talk, draft) if draft.preset else ask_condition(talk, draft))


async def _press_value(talk: Talk, draft: Draft, which: str) -> None:
    chosen = _chosen(draft, which)
    if chosen and draft.preset:
        await _fill(talk, draft, chosen.lstrip("-"))


async def _press_fix(talk: Talk, draft: Draft, which: str) -> None:
    draft.condition = _chosen(draft, which) or draft.condition
    await review(talk, draft)


async def _press_change(talk: Talk, draft: Draft, _which: str) -> None:
    draft.condition = ""
    await (_ask_preset(talk, draft) if draft.preset else ask_condition(talk, draft))


_TAKING: Mapping[str, Callable[[Talk, Draft, str], Awaitable[None]]] = {
    "symbol": _press_symbol,
    "preset": _press_preset,
    "value": _press_value,
    "fix": _press_fix,
    "change": _press_change,
}


def _chosen(draft: Draft, which: str) -> str:
    """Return what a button stood for; nothing if it belongs to an earlier step."""
    return draft.offers[int(which)] if which.isdecimal() and int(which) < len(draft.offers) else ""


async def typed(talk: Talk, text: str) -> bool:
    """Take what somebody typed, if a draft of theirs waits for it; tell whether it did."""
    draft = talk.house.drafts.of(talk.person.id, talk.person.chat)
    if draft is None or draft.waits_for not in WAITS:
        return False
    if draft.waits_for == "symbol":
        if await _take_symbol(talk, draft, text, draft.condition):
            await (review(talk, draft) if draft.condition else _ask_preset(talk, draft))
    elif draft.waits_for == "value":
        await _take_value(talk, draft, text)
    else:
        draft.condition = text.strip()
        await review(talk, draft)
    return True


async def _ask_symbol(talk: Talk, draft: Draft) -> None:
    draft.offers = tuple(await recent(talk.app, talk.owner))
    await show_step(
        talk, draft, talk.words("new.symbol"), offered(draft, draft.offers, "symbol", 3), waits_for="symbol"
    )


async def _take_symbol(talk: Talk, draft: Draft, text: str, condition: str) -> bool:
    """Note the symbol; ask again, with what may be meant, if there is no such market."""
    draft.condition = condition.strip()
    try:
        draft.symbol = market_of(talk.app, text)
    except InvalidSymbol:
        draft.offers = tuple(meant(talk.app, text))
        key = "symbol.meant" if draft.offers else "symbol.unknown"
        rows = offered(draft, draft.offers, "symbol", 3)
        await show_step(talk, draft, talk.words(key, text=cut(text.strip(), 40)), rows, waits_for="symbol")
        return False
    return True


async def _ask_preset(talk: Talk, draft: Draft) -> None:
    words = talk.words
    buttons = [
        Button(words.plain(f"preset.{name}"), data("step", draft.id, "preset", name))
        for name in (*PRESETS, OWN)
    ]
    text = words("new.preset", symbol=draft.symbol, price=_price(talk, draft))
    await show_step(talk, draft, text, rows_of(buttons, 2))


async def _ask_value(talk: Talk, draft: Draft) -> None:
    words, app = talk.words, talk.app
    latest, instrument = app.market.latest(draft.symbol), app.market.instrument(draft.symbol)
    tick = instrument.tick_size if instrument is not None else None
    found = offers(PRESETS[draft.preset], latest.price if latest is not None else None, tick)
    draft.offers = tuple(value for _, value in found)
    labels = [f"{step} · {_shown(talk, value)}" if step else _shown(talk, value) for step, value in found]
    text = words(
        "new.value",
        symbol=draft.symbol,
        price=_price(talk, draft),
        preset=words.plain(f"preset.{draft.preset}"),
    )
    await show_step(talk, draft, text, offered(draft, labels, "value", 2), waits_for="value")


async def _take_value(talk: Talk, draft: Draft, text: str) -> None:
    readings = _likely(talk, draft, read_number(text))
    shown = cut(text.strip(), 40)
    if len(readings) == 1:
        await _fill(talk, draft, readings[0].lstrip("-"))
    elif not readings:
        await show_step(talk, draft, talk.words("number.bad", text=shown), (), waits_for="value")
    else:
        draft.offers = readings
        rows = offered(draft, [_shown(talk, each) for each in readings], "value", 2)
        await show_step(talk, draft, talk.words("number.which", text=shown), rows, waits_for="value")


def _likely(talk: Talk, draft: Draft, readings: tuple[str, ...]) -> tuple[str, ...]:
    """Return the readings of a price that lie near it, if only some do."""
    latest = talk.app.market.latest(draft.symbol)
    if latest is None or not PRESETS[draft.preset].steps:
        return readings
    near = tuple(each for each in readings if latest.price / 10 < abs(float(each)) < latest.price * 10)
    return near or readings


async def _fill(talk: Talk, draft: Draft, value: str) -> None:
    draft.condition = PRESETS[draft.preset].condition.format(value)
    await review(talk, draft)


def _price(talk: Talk, draft: Draft) -> str:
    market = talk.app.market
    return price_text(market.latest(draft.symbol), market.instrument(draft.symbol), talk.words)


def _shown(talk: Talk, value: str) -> str:
    """Write a value as the person does."""
    digits = len(value.partition(".")[2])
    return formats.price(float(value), digits, language=talk.words.language)
