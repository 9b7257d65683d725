"""The conversation: who may say what, which words lead where, and an answer whatever happens.

Nothing of Telegram's library is here: messages and presses come in as plain values, answers go out through `Chats`.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from msgspec import Struct

from crypto_portfolio_analyzer.bot import (
    alerts_pages,
    charting,
    creating,
    linking,
    menu,
    portfolio_page,
    pressing,
    prices,
    reviewing,
    settings_page,
    silencing,
    streams_page,
    system_page,
)
from crypto_portfolio_analyzer.bot.admitting import Admission, Person, RateLimit, Sender
from crypto_portfolio_analyzer.bot.chats import Answer, Press
from crypto_portfolio_analyzer.bot.house import House
from crypto_portfolio_analyzer.bot.pages import Page, read_data
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.bot.turns import Turns
from crypto_portfolio_analyzer.bot.words import Words, language_of
from crypto_portfolio_analyzer.core.notices.graphemes import cut
from crypto_portfolio_analyzer.errors import (
    AnalyzerError,
    InvalidFields,
    InvalidInput,
    InvalidSymbol,
    NotFound,
    StorageError,
    UnknownName,
)

logger = logging.getLogger(__name__)

ANSWER_WITHIN = 0.6
"""Seconds after which a press is answered, whatever is still being done."""


class Command(Struct, frozen=True):
    """What a command leads to; `changes` asks for more than reading."""

    act: Callable[[Talk, str], Awaitable[None]]
    changes: bool = False


class Pressable(Struct, frozen=True):
    """What a button leads to; `changes` asks for more than reading."""

    act: Callable[[Talk, Sequence[str]], Awaitable[None]]
    changes: bool = False


def _page(act: Callable[[Talk, Sequence[str]], Awaitable[None]]) -> Callable[[Talk, str], Awaitable[None]]:
    """Return a page as a command that takes nothing."""
    return lambda talk, _text: act(talk, ())


COMMANDS: Mapping[str, Command] = {
    "start": Command(_page(menu.menu)),
    "help": Command(menu.help_page),
    "alerts": Command(_page(alerts_pages.list_alerts)),
    "new": Command(creating.new_command, changes=True),
    "edit": Command(alerts_pages.edit_command, changes=True),
    "delete": Command(alerts_pages.delete_command, changes=True),
    "pause": Command(alerts_pages.pause_command, changes=True),
    "price": Command(prices.price_command),
    "chart": Command(charting.chart_command),
    "status": Command(_page(system_page.system)),
    "streams": Command(_page(streams_page.streams)),
    "portfolio": Command(_page(portfolio_page.portfolio), changes=True),
    "silence": Command(silencing.silence_command, changes=True),
    "settings": Command(settings_page.settings_command, changes=True),
    "language": Command(settings_page.language_command, changes=True),
}
"""What somebody owns alone – holdings, settings – is no reading for others either."""

PRESSABLE: Mapping[str, Pressable] = {
    "menu": Pressable(menu.menu),
    "alerts": Pressable(alerts_pages.list_alerts),
    "alert": Pressable(alerts_pages.show_alert),
    "alertbelow": Pressable(pressing.show_below),
    "why": Pressable(alerts_pages.why),
    "edit": Pressable(reviewing.edit, changes=True),
    "pause": Pressable(alerts_pages.pause, changes=True),
    "resume": Pressable(alerts_pages.resume, changes=True),
    "del": Pressable(alerts_pages.delete, changes=True),
    "restore": Pressable(alerts_pages.restore, changes=True),
    "unpause": Pressable(pressing.unpause, changes=True),
    "undelete": Pressable(pressing.undelete, changes=True),
    "new": Pressable(creating.new, changes=True),
    "newfor": Pressable(creating.new_for, changes=True),
    "step": Pressable(creating.step, changes=True),
    "make": Pressable(reviewing.make, changes=True),
    "drop": Pressable(reviewing.drop, changes=True),
    "price": Pressable(prices.price_of),
    "chart": Pressable(charting.chart_of),
    "streams": Pressable(streams_page.streams),
    "still": Pressable(streams_page.stop),
    "system": Pressable(system_page.system),
    "portfolio": Pressable(portfolio_page.portfolio, changes=True),
    "silence": Pressable(silencing.silence_page, changes=True),
    "quiet": Pressable(silencing.quiet, changes=True),
    "loud": Pressable(silencing.loud, changes=True),
    "settings": Pressable(settings_page.settings, changes=True),
    "language": Pressable(settings_page.language, changes=True),
    "zone": Pressable(settings_page.zone, changes=True),
    "setzone": Pressable(settings_page.set_zone, changes=True),
    "set": Pressable(settings_page.set_option, changes=True),
}


class Conversation:
    """Hears one thing at a time of each chat, many chats at once."""

    def __init__(self, house: House, admission: Admission) -> None:
        self._house, self._admission = house, admission
        self._limit = RateLimit(house.app.clock)
        self._turns = Turns()

    # --- what people say ----------------------------------------------------------------------------------

    async def command(self, sender: Sender, name: str, text: str) -> None:
        """Take a command with what stands behind it."""
        if await self._is_heard(sender):
            await self._in_turn(sender, lambda: self._command(sender, name, text))

    async def words(self, sender: Sender, text: str) -> None:
        """Take words that are no command."""
        if await self._is_heard(sender):
            await self._in_turn(sender, lambda: self._words(sender, text))

    async def press(self, sender: Sender, press: Press) -> None:
        """Take a press of a button; it is answered within a second, whatever is still being done."""
        answer = Answer(self._house.chats, press)
        if not self._limit.take(sender.person).is_heard:
            await answer.give(self._words_of(sender).plain("slow", seconds=1))
            return
        soon = self._house.beside.spawn(self._answer_soon, answer)
        try:
            await self._in_turn(sender, lambda: self._press(sender, press, answer), answer)
        finally:
            soon.cancel()

    async def _answer_soon(self, answer: Answer) -> None:
        await self._house.app.clock.sleep(ANSWER_WITHIN)
        await answer.give("")

    # --- the turns ----------------------------------------------------------------------------------------

    async def _is_heard(self, sender: Sender) -> bool:
        taken = self._limit.take(sender.person)
        if taken.is_told:
            await self._tell(sender, "slow", seconds=1)
        return taken.is_heard

    async def _in_turn(
        self, sender: Sender, act: Callable[[], Awaitable[None]], answer: Answer | None = None
    ) -> None:
        """Do one thing of a chat after the other, and say so if it cannot be done."""
        try:
            async with self._turns.of(sender.chat):
                await act()
        except AnalyzerError as error:
            logger.warning("the bot could not do what was asked", extra={"why": str(error)[:200]})
            key = _APOLOGIES.get(type(error), "storage_down" if isinstance(error, StorageError) else "wrong")
            if answer is not None:
                await answer.give(self._words_of(sender).plain(key, why=cut(str(error), 120)))
            else:
                await self._tell(sender, key, why=cut(str(error), 200))

    async def _command(self, sender: Sender, name: str, text: str) -> None:
        code = text.strip()
        if name == "start" and code and (sender.is_group or await self._links(sender, code)):
            if sender.is_group:
                await self._tell(sender, "group.code")
            return
        person = await self._admission.admit(sender)
        command = COMMANDS.get(name)
        if person is None:
            await self._tell(sender, "unlinked")
        elif command is None:
            await Talk(self._house, person).say("unknown_command", command=f"/{name[:40]}")
        elif command.changes and not person.may_change:
            await Talk(self._house, person).say("read_only")
        else:
            if name == "start" and person.may_change:
                person = await self._told_here(sender, person)
            await command.act(Talk(self._house, person), text)

    async def _links(self, sender: Sender, code: str) -> bool:
        """Use a code; say what came of it, unless the person is known anyway and the code is no good."""
        person = await linking.use_code(self._house, self._admission, sender, code)
        if person is None:
            await self._tell(sender, "code.bad")
            return True
        await linking.tell_here(self._house, sender, person)
        await Talk(self._house, person).say("linked", name=person.name)
        return False

    async def _told_here(self, sender: Sender, person: Person) -> Person:
        """Let the chat be told of alerts from now on, if it is not."""
        if not await linking.tell_here(self._house, sender, person):
            return person
        if sender.is_group:
            await Talk(self._house, person).say("group.added", name=person.name)
        return await self._admission.admit(sender) or person

    async def _words(self, sender: Sender, text: str) -> None:
        person = await self._admission.admit(sender)
        if person is None:
            if not sender.is_group:
                await self._tell(sender, "unlinked")
            return
        talk = Talk(self._house, person)
        is_taken = person.may_change and await creating.typed(talk, text)
        if not is_taken and not sender.is_group:
            await talk.say("no_text")

    async def _press(self, sender: Sender, press: Press, answer: Answer) -> None:
        person = await self._admission.admit(sender)
        if person is None:
            await answer.give(self._words_of(sender).plain("unlinked"))
            return
        talk = Talk(self._house, person, self._house.chats.current(person.chat, press))
        if not await pressing.pressed(talk):
            await self._act(talk, press)
        await answer.give(talk.toast)

    async def _act(self, talk: Talk, press: Press) -> None:
        what, arguments = read_data(press.data) or ("", [])
        pressable = PRESSABLE.get(what)
        if pressable is None:
            talk.toast = talk.words.plain("old_button")
        elif pressable.changes and not talk.person.may_change:
            talk.toast = talk.words.plain("read_only")
        else:
            await pressable.act(talk, arguments)

    # --- to those who are not let in, or whom nothing could be done for ---------------------------------------

    def _words_of(self, sender: Sender) -> Words:
        return Words(language_of(sender.speaks))

    async def _tell(self, sender: Sender, key: str, **values: object) -> None:
        await self._house.chats.send(sender.chat, Page(self._words_of(sender)(key, **values)))


_APOLOGIES: Mapping[type[AnalyzerError], str] = dict.fromkeys(
    (InvalidInput, InvalidFields, InvalidSymbol, NotFound, UnknownName), "refused"
)
