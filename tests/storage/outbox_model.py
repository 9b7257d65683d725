"""What the outbox promises, as plainly as it can be said: rows in a list, rules in a few lines."""

from msgspec import Struct

from crypto_portfolio_analyzer.core.notices.notification import PENDING, WAITING, DeliveryState

LEASE = 10


class Entry(Struct):
    """A delivery as the model knows it."""

    id: str
    channel: str
    state: DeliveryState = DeliveryState.QUEUED
    due_at: int = 0
    claim: str | None = None
    claimed_until: int = 0
    attempts: int = 0
    unsure: bool = False
    called_off: bool = False


class Model:
    """The outbox as a list, in the order of queueing."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.tries: list[str] = []
        """The deliveries of all attempts ever reported."""

    def of(self, delivery_id: str) -> Entry:
        return next(each for each in self.entries if each.id == delivery_id)

    def claim(self, channel: str, count: int, now: int, claim: str) -> list[str]:
        taken: list[str] = []
        for each in (each for each in self.entries if each.channel == channel):
            with_others = each.state is DeliveryState.SENDING and each.claim != claim
            tried_later = each.state is DeliveryState.RETRY_WAIT and each.due_at > now
            if with_others or tried_later or len(taken) == count:
                break
            if each.state in WAITING and each.due_at <= now:
                each.state, each.claim, each.claimed_until = DeliveryState.SENDING, claim, now + LEASE
                taken.append(each.id)
        return taken

    def settle(self, delivery_id: str, claim: str, state: DeliveryState, due_at: int, tried: bool) -> bool:
        self.tries += [delivery_id] * tried
        each = self.of(delivery_id)
        if each.state is not DeliveryState.SENDING or each.claim != claim:
            return False
        each.attempts += tried
        self._end(each, state)
        each.due_at = due_at
        return True

    def rescue(self, now: int) -> int:
        gone = [
            each for each in self.entries if each.state is DeliveryState.SENDING and each.claimed_until < now
        ]
        for each in gone:
            self._end(each, DeliveryState.QUEUED)
            each.unsure = True
        return len(gone)

    def renew(self, ids: list[str], claim: str, until: int) -> None:
        for each in map(self.of, ids):
            if each.state is DeliveryState.SENDING and each.claim == claim:
                each.claimed_until = until

    def call_off(self, channel: str) -> None:
        for each in self.entries:
            if each.channel == channel and each.state in WAITING:
                each.state = DeliveryState.CANCELLED
            elif each.channel == channel and each.state is DeliveryState.SENDING:
                each.called_off = True

    def redeliver(self, delivery_id: str, now: int) -> None:
        each = self.of(delivery_id)
        if each.state not in PENDING:
            each.state, each.attempts, each.due_at = DeliveryState.QUEUED, 0, now

    def _end(self, each: Entry, state: DeliveryState) -> None:
        each.state = DeliveryState.CANCELLED if each.called_off and state in WAITING else state
        each.claim, each.called_off = None, False
