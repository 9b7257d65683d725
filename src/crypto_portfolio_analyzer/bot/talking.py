"""One turn of a conversation: who speaks, in which words, and how the answer is shown."""

from crypto_portfolio_analyzer.app import App
from crypto_portfolio_analyzer.bot.admitting import Person
from crypto_portfolio_analyzer.bot.chats import Press
from crypto_portfolio_analyzer.bot.house import House
from crypto_portfolio_analyzer.bot.pages import Page
from crypto_portfolio_analyzer.bot.words import Words
from crypto_portfolio_analyzer.core.notices.reader import Reader, reader_of


class Talk:
    """What somebody who was let in says or presses, and our answer."""

    def __init__(self, house: House, person: Person, press: Press | None = None) -> None:
        self.house, self.person, self.press = house, person, press
        self.words = Words(person.language)
        self.toast = ""
        """What a press is answered with."""

    @property
    def app(self) -> App:
        """The application."""
        return self.house.app

    @property
    def owner(self) -> str:
        """Whose things are spoken of."""
        return self.person.owner

    @property
    def actor(self) -> str:
        """Who acts, for the audit."""
        return f"telegram:{self.person.id}"

    @property
    def reader(self) -> Reader:
        """How numbers and times are written, now."""
        options = {"language": self.person.language, "zone": self.person.zone}
        return reader_of(options, self.app.clock.now())

    async def show(self, page: Page) -> int:
        """Show a page: in place of the one whose button was pressed, else as a new message; return its number."""
        if self.press is not None:
            self.house.living.end(self.person.chat, self.press.message)
            if await self.house.chats.edit(self.person.chat, self.press.message, page):
                return self.press.message
        return await self.house.chats.send(self.person.chat, page)

    async def post(self, page: Page) -> int:
        """Show a page as a new message; return its number."""
        return await self.house.chats.send(self.person.chat, page)

    async def say(self, key: str, **values: object) -> int:
        """Say one sentence as a page of its own."""
        return await self.show(Page(self.words(key, **values)))
