"""Whose turn it is: one message for each owner in rounds, and for each channel of an owner in turn."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

OWNERS_REMEMBERED = 10_000
"""Owners whose turn is remembered; who is forgotten begins with the first channel again."""


class Candidate(Struct, frozen=True):
    """A channel with deliveries that are due and room for them."""

    channel_id: str
    owner: str
    room: int
    """Messages that it can take now."""
    keys: Sequence[str] = ()
    """The limits that a message counts against."""
    waiting: int = 0
    """Deliveries to take with one grant; 0: one each."""


class Turns:
    """Shares places out, and remembers where it ended, so that scarce ones go round: by owner, then by channel."""

    def __init__(self) -> None:
        self._served: dict[str, str] = {}
        """The channel that each owner was served at last; who was served last comes last."""

    def share(
        self, candidates: Iterable[Candidate], capacity: int, budgets: Mapping[str, int]
    ) -> dict[str, int]:
        """Return how many deliveries of each channel to take: `capacity` messages in all, `budgets` for each limit.

        The owner, and of each owner the channel, after the one that was served last, by name, comes first.
        """
        left = dict(budgets)
        owners: dict[str, list[tuple[Candidate, int]]] = {}
        for each in candidates:
            owners.setdefault(each.owner, []).append((each, each.room))
        after = next(reversed(self._served), "")
        queue = deque(sorted(owners, key=lambda owner: (owner <= after, owner)))
        channels = {owner: self._in_turn(owner, own) for owner, own in owners.items()}
        wishes: dict[str, int] = {}
        while queue and capacity > 0:
            owner = queue.popleft()
            granted = _grant(channels[owner], left)
            if granted is None:
                continue
            wishes[granted.channel_id] = wishes.get(granted.channel_id, 0) + max(1, granted.waiting)
            self._remember(granted)
            capacity -= 1
            queue.append(owner)
        return wishes

    def _in_turn(self, owner: str, own: Iterable[tuple[Candidate, int]]) -> deque[tuple[Candidate, int]]:
        after = self._served.get(owner, "")
        return deque(sorted(own, key=lambda each: (each[0].channel_id <= after, each[0].channel_id)))

    def _remember(self, granted: Candidate) -> None:
        self._served.pop(granted.owner, None)
        self._served[granted.owner] = granted.channel_id
        if len(self._served) > OWNERS_REMEMBERED:
            del self._served[next(iter(self._served))]


def _grant(channels: deque[tuple[Candidate, int]], left: dict[str, int]) -> Candidate | None:
    """Take one message of the owner's next channel that can have one; None if no channel can."""
    while channels:
        candidate, room = channels.popleft()
        if room <= 0 or any(left.get(key, 1) <= 0 for key in candidate.keys):
            continue
        for key in candidate.keys:
            if key in left:
                left[key] -= 1
        if not candidate.waiting:
            channels.append((candidate, room - 1))
        return candidate
    return None
