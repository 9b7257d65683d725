"""Whose turn it is: one message for each owner in rounds, and for each channel of an owner in turn."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct


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


def share(
    candidates: Iterable[Candidate], capacity: int, budgets: Mapping[str, int], after: str = ""
) -> dict[str, int]:
    """Return how many deliveries of each channel to take: `capacity` messages in all, `budgets` for each limit.

    The owner after `after`, by name, comes first, so that a scarce place goes round.
    """
    left = dict(budgets)
    owners: dict[str, deque[tuple[Candidate, int]]] = {}
    for each in candidates:
        owners.setdefault(each.owner, deque()).append((each, each.room))
    queue = deque(sorted(owners, key=lambda owner: (owner <= after, owner)))
    wishes: dict[str, int] = {}
    while queue and capacity > 0:
        owner = queue.popleft()
        granted = _grant(owners[owner], left)
        if granted is None:
            continue
        wishes[granted.channel_id] = wishes.get(granted.channel_id, 0) + max(1, granted.waiting)
        capacity -= 1
        queue.append(owner)
    return wishes


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
