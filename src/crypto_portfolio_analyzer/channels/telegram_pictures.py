"""Pictures of Telegram messages: the words go first, and a little later become the caption of a chart.

A message is complete without its picture, so that nothing here touches its delivery: what does not come in time,
cannot be drawn or would take the pace away from other messages is left out and counted.
"""

import asyncio
import logging
from collections import Counter, deque

from crypto_portfolio_analyzer.channels.botapi.refusals import Moved, Unreadable
from crypto_portfolio_analyzer.channels.kinds import World
from crypto_portfolio_analyzer.channels.telegram_access import TelegramAccess
from crypto_portfolio_analyzer.channels.telegram_buttons import Rows
from crypto_portfolio_analyzer.channels.telegram_text import Text
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.notices.notification import Notification
from crypto_portfolio_analyzer.errors import DeliveryFailed
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

WITHIN = 3.0
"""Seconds in which a picture follows its message, or not at all."""
AT_ONCE = 8
BUSY = 10
"""Messages in the last second above which the bot is busy with words."""
IN_A_ROW, PER_CHAT, PER_GROUP = 3, 15.0, 30.0
"""So many pictures in so many seconds go into one chat: edits, too, are counted there."""
_CHATS = 10_000


class Pictures:
    """Sees to the pictures of one bot."""

    def __init__(self, world: World, access: TelegramAccess, nursery: Nursery, faults: Counter[str]) -> None:
        self._draw, self._access, self._nursery, self._faults = world.picture, access, nursery, faults
        self._pace = _Pace(world.clock)
        self._under_way = 0

    def want(self, notification: Notification, chat: str, message: int, text: Text, rows: Rows) -> None:
        """Let a picture follow a message that was just sent, if there is one to be had."""
        self._pace.sent()
        wanted = notification.channel.options.get("picture") != "off" and notification.firing is not None
        if self._draw is None or not wanted or not self._nursery.is_open:
            return
        if not text.fits_caption or self._under_way >= AT_ONCE or not self._pace.take(chat):
            self._faults["picture"] += 1
            return
        self._under_way += 1
        self._nursery.spawn(self._add(notification, chat, message, text, rows))

    async def _add(self, notification: Notification, chat: str, message: int, text: Text, rows: Rows) -> None:
        why = ""
        try:
            async with asyncio.timeout(WITHIN):
                picture = self._draw and await self._draw(notification)
                if picture and not await self._access.has_changed(chat, message):
                    await self._access.add_picture(chat, message, picture, text.html, rows)
                    return
            why = "changed" if picture else "not_drawn"
        except TimeoutError:
            why = "timeout"
        except (Moved, Unreadable):
            why = "refused"
        except DeliveryFailed as failure:
            why = failure.error
        finally:
            self._under_way -= 1
        self._faults["picture"] += 1
        logger.info(
            "a message stays without its picture", extra={"channel": notification.channel.id, "error": why}
        )


class _Pace:
    """Keeps pictures from taking the place of words."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._words: deque[float] = deque(maxlen=BUSY + 1)
        self._pictures: dict[str, deque[float]] = {}

    def sent(self) -> None:
        """Count a message."""
        self._words.append(self._clock.monotonic())

    def take(self, chat: str) -> bool:
        """Count a picture in a chat; False if it should be left out."""
        now = self._clock.monotonic()
        if len(self._words) > BUSY and now - self._words[0] < 1.0:
            return False
        if len(self._pictures) > _CHATS:
            self._pictures.clear()
        past = self._pictures.setdefault(chat, deque(maxlen=IN_A_ROW))
        span = PER_GROUP if chat.startswith(("-", "@")) else PER_CHAT
        if len(past) == IN_A_ROW and now - past[0] < span:
            return False
        past.append(now)
        return True
