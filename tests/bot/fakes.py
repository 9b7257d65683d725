"""Named fakes: a Telegram that only writes down."""

from crypto_portfolio_analyzer.bot.chats import Press
from crypto_portfolio_analyzer.bot.pages import Page
from crypto_portfolio_analyzer.clock import Clock


class WrittenChats:
    """Chats as lists of what was done; nothing is refused but messages named `gone`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.edits: list[tuple[float, str, int, Page]] = []
        self.answers: list[tuple[str, str]] = []
        self.gone: set[int] = set()

    async def send(self, chat: str, page: Page) -> int:
        return 1

    async def edit(self, chat: str, message: int, page: Page) -> bool:
        self.edits.append((self._clock.monotonic(), chat, message, page))
        return message not in self.gone

    async def amend(self, chat: str, press: Press, page: Page) -> bool:
        return await self.edit(chat, press.message, page)

    def current(self, chat: str, press: Press) -> Press:
        return press

    async def picture(self, chat: str, png: bytes, page: Page) -> int:
        return 1

    async def answer(self, press: Press, text: str) -> None:
        self.answers.append((press.id, text))
