"""Polling: the one who asks Telegram for news, until told to stop; nothing that happens ends it.

An update counts as taken only after it was handled: what a crash cut off is told again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetUpdates
from aiogram.types import Update

from crypto_portfolio_analyzer.clock import Clock

logger = logging.getLogger(__name__)

PATIENCE = 50
"""Seconds that Telegram may hold back an answer without news."""
MARGIN = 10
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
AFTER_CONFLICT, AFTER_REFUSAL = 30.0, 300.0
HANDLED_WITHIN = 30.0
"""Seconds that one update may take; longer work goes on beside."""


class State(StrEnum):
    """How it goes."""

    STARTING = "starting"
    LISTENING = "listening"
    UNREACHABLE = "unreachable"
    CONFLICT = "conflict"
    """Another program polls with the same token."""
    REFUSED = "refused"
    """Telegram does not know the token."""


class Polling:
    """Asks for updates and hands them on, all of one answer at once."""

    def __init__(
        self, bot: Bot, handle: Callable[[Update], Awaitable[object]], clock: Clock, updates: Sequence[str]
    ) -> None:
        self._bot, self._handle, self._clock = bot, handle, clock
        self._asking = GetUpdates(timeout=PATIENCE, allowed_updates=list(updates))
        self._wait = FIRST_WAIT
        self.state = State.STARTING
        self.name = ""
        """The bot's user name, once Telegram has told it."""

    async def run(self) -> None:
        """Poll for ever."""
        while True:
            try:
                self.name = self.name or (await self._bot.me()).username or ""
                updates = await self._bot(self._asking, request_timeout=PATIENCE + MARGIN)
            except AiogramError as error:
                await self._rest(error)
                continue
            self._turn(State.LISTENING, "")
            self._wait = FIRST_WAIT
            await asyncio.gather(*(self._one(update) for update in updates))
            if updates:
                self._asking.offset = updates[-1].update_id + 1

    async def _one(self, update: Update) -> None:
        try:
            async with asyncio.timeout(HANDLED_WITHIN):
                await self._handle(update)
        except Exception:  # the supervisor: a fault in one answer is no reason to hear nothing any more
            logger.exception("the bot failed to handle an update")

    async def _rest(self, error: AiogramError) -> None:
        """Say what is the matter, once, and wait until it may be over."""
        state, wait = State.UNREACHABLE, self._wait
        if isinstance(error, TelegramConflictError):
            state, wait = State.CONFLICT, AFTER_CONFLICT
        elif isinstance(error, TelegramUnauthorizedError | TelegramNotFound):
            state, wait = State.REFUSED, AFTER_REFUSAL
        elif isinstance(error, TelegramRetryAfter):
            wait = float(error.retry_after)
        self._wait = min(LONGEST_WAIT, self._wait * 2)
        self._turn(state, type(error).__name__)
        await self._clock.sleep(wait)

    def _turn(self, state: State, why: str) -> None:
        if state is self.state:
            return
        if state is State.LISTENING:
            logger.info("the Telegram bot listens")
        else:
            logger.warning("the Telegram bot hears nothing", extra={"state": str(state), "why": why})
        self.state = state
