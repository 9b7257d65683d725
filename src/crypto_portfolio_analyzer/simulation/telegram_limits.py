"""What Telegram allows a bot, and what it does to one that takes more.

The figures are Telegram's own where it states them (about 1 message/s per chat with short bursts, about 30/s over
all, 20/min per group) and assumptions of the same kind where it does not: how long a burst may be, how often one may
edit, how punishment grows. They are deliberately not taken from the sender: a wrong figure there must show.
"""

from collections import Counter, defaultdict
from enum import StrEnum
from math import ceil

from msgspec import Struct

from crypto_portfolio_analyzer.simulation.limits import SlidingWindow


class Fouling(StrEnum):
    """A rule of Telegram's that a bot broke."""

    OVERALL_RATE = "overall_rate"
    CHAT_RATE = "chat_rate"
    GROUP_RATE = "group_rate"
    EDIT_RATE = "edit_rate"
    DID_NOT_WAIT = "did_not_wait"
    UNREADABLE = "unreadable"
    TOO_LONG = "too_long"
    BUTTON_DATA = "button_data"
    NOT_MODIFIED = "not_modified"
    SECOND_POLLER = "second_poller"
    WRONG_TOKEN = "wrong_token"  # noqa: S105  # a name
    LATE_ANSWER = "late_answer"
    BAD_QUERY = "bad_query"


class TelegramLimits(Struct, frozen=True):
    """The limits; spans in seconds of the server's clock."""

    per_second: float = 30.0
    """Messages and edits over all chats, with as many at once."""
    chat_per_second: float = 1.0
    chat_burst: int = 3
    group_per_minute: int = 20
    edits_per_minute: int = 20
    group_edits_per_minute: int = 10
    long_text: int = 500
    """A longer text counts as two."""
    least_wait: int = 3
    most_wait: int = 3600
    forgiven_after: float = 120.0
    """So long without an offence, and the punishment is the least again; until then each doubles."""
    answer_within: float = 1.0
    """A press that waits for longer looks broken to the person."""


class Bucket:
    """So many per second, and so many at once after a rest."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._filled, self._at = burst, float("-inf")

    def take(self, cost: float, now: float) -> float:
        """Take `cost` at `now`; return 0, or the seconds until there is enough."""
        self._filled = min(self._burst, self._filled + max(0.0, now - max(self._at, -1e18)) * self._rate)
        self._at = now
        if self._filled >= cost:
            self._filled -= cost
            return 0.0
        return (cost - self._filled) / self._rate


class Flood:
    """Judge of one bot's pace: what it sends, by chat, and how long it is shut out."""

    def __init__(self, limits: TelegramLimits, fouls: Counter[Fouling]) -> None:
        self._limits, self._fouls = limits, fouls
        self._all = Bucket(limits.per_second, limits.per_second)
        self._chats: defaultdict[int, Bucket] = defaultdict(
            lambda: Bucket(limits.chat_per_second, limits.chat_burst)
        )
        self._groups: defaultdict[int, SlidingWindow] = defaultdict(
            lambda: SlidingWindow(limits.group_per_minute, 60.0)
        )
        self._edits: defaultdict[int, SlidingWindow] = defaultdict(
            lambda: SlidingWindow(limits.edits_per_minute, 60.0)
        )
        self._group_edits: defaultdict[int, SlidingWindow] = defaultdict(
            lambda: SlidingWindow(limits.group_edits_per_minute, 60.0)
        )
        self._shut: dict[int, float] = {}
        self._offences: dict[int, tuple[int, float]] = {}

    def message(self, chat: int, length: int, now: float) -> int:
        """Count a message; return 0, or the seconds the bot must leave this chat alone."""
        cost = 2 if length > self._limits.long_text else 1
        waits = [(Fouling.OVERALL_RATE, self._all.take(cost, now))]
        if chat < 0:
            waits.append((Fouling.GROUP_RATE, _window(self._groups[chat], cost, now)))
        waits.append((Fouling.CHAT_RATE, self._chats[chat].take(cost, now)))
        return self._judge(chat, waits, now)

    def edit(self, chat: int, now: float) -> int:
        """Count an edit; return 0, or the seconds the bot must leave this chat alone."""
        window = (self._group_edits if chat < 0 else self._edits)[chat]
        overall = (Fouling.OVERALL_RATE, self._all.take(1, now))
        return self._judge(chat, [overall, (Fouling.EDIT_RATE, _window(window, 1, now))], now)

    def _judge(self, chat: int, waits: list[tuple[Fouling, float]], now: float) -> int:
        if now < self._shut.get(chat, 0.0):
            return self._punish(chat, Fouling.DID_NOT_WAIT, self._shut[chat] - now, now)
        broken = next(((foul, wait) for foul, wait in waits if wait), None)
        return self._punish(chat, broken[0], broken[1], now) if broken else 0

    def _punish(self, chat: int, foul: Fouling, wait: float, now: float) -> int:
        self._fouls[foul] += 1
        before, last = self._offences.get(chat, (0, float("-inf")))
        if now - last > self._limits.forgiven_after:
            before = 0
        self._offences[chat] = (before + 1, now)
        least = self._limits.least_wait * 2 ** min(before, 20)
        seconds: int = min(self._limits.most_wait, max(least, ceil(wait)))
        self._shut[chat] = now + seconds
        return seconds


def _window(window: SlidingWindow, cost: int, now: float) -> float:
    fits = [window.take(now) for _ in range(cost)]
    return 0.0 if all(fits) else max(window.wait(now), 0.001)
