"""Messages that change in place while somebody watches: one per chat, seldom enough that Telegram stays friendly."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from msgspec import Struct

from crypto_portfolio_analyzer.bot.beside import Beside
from crypto_portfolio_analyzer.bot.chats import Chats
from crypto_portfolio_analyzer.bot.pages import Page
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.errors import StorageError

EVERY, EVERY_IN_GROUPS = 10.0, 30.0
"""Least seconds between two edits; loops of 1–2 s earn blocks of minutes to hours."""
LIFE = 900.0
MOST = 200
"""Messages that live at once, over all chats; the oldest one ends for a new one."""


class Scene(Struct, frozen=True):
    """What a living message shows: the page now, and the same page when it is over."""

    draw: Callable[[], Awaitable[Page]]
    over: Callable[[Page], Page]


class _Alive(Struct, eq=False):
    message: int
    page: Page
    scene: Scene


class Living:
    """All living messages, by chat."""

    def __init__(self, chats: Chats, clock: Clock, beside: Beside) -> None:
        self._chats, self._clock, self._beside = chats, clock, beside
        self._alive: dict[str, _Alive] = {}

    def begin(self, chat: str, message: int, page: Page, scene: Scene, *, is_group: bool) -> None:
        """Let a message that shows `page` live; another one of the chat ends."""
        before = self._alive.get(chat)
        if len(self._alive) >= MOST and before is None:
            self._end(next(iter(self._alive)))
        alive = self._alive[chat] = _Alive(message, page, scene)
        if before is not None and before.message != message:
            self._beside.spawn(self._close, chat, before)
        every = EVERY_IN_GROUPS if is_group else EVERY
        self._beside.spawn(self._live, chat, alive, every)

    def end(self, chat: str, message: int) -> None:
        """Let a message stand still, since it shows something else from now on."""
        alive = self._alive.get(chat)
        if alive is not None and alive.message == message:
            del self._alive[chat]

    def is_alive(self, chat: str) -> bool:
        """Tell whether a message of a chat lives."""
        return chat in self._alive

    def _end(self, chat: str) -> None:
        alive = self._alive.pop(chat)
        self._beside.spawn(self._close, chat, alive)

    async def _live(self, chat: str, alive: _Alive, every: float) -> None:
        until = self._clock.monotonic() + LIFE
        while self._clock.monotonic() + every < until:
            await self._clock.sleep(every)
            if self._alive.get(chat) is not alive:
                return
            if not await self._redraw(chat, alive):
                self.end(chat, alive.message)
                return
        await self._clock.sleep(max(0.0, until - self._clock.monotonic()))
        if self._alive.get(chat) is alive:
            del self._alive[chat]
            await self._close(chat, alive)

    async def _redraw(self, chat: str, alive: _Alive) -> bool:
        """Show what has changed; False if the message is gone."""
        with suppress(StorageError):
            page = await alive.scene.draw()
            if _body(page) != _body(alive.page) and self._alive.get(chat) is alive:
                alive.page = page
                return await self._chats.edit(chat, alive.message, page)
        return True

    async def _close(self, chat: str, alive: _Alive) -> None:
        await self._chats.edit(chat, alive.message, alive.scene.over(alive.page))


def _body(page: Page) -> str:
    """Return what counts as a difference: all but the first line, which holds the time."""
    return page.text.partition("\n")[2]
