"""What a type of channel brings to the conformance suite: `ends/<name>.py` with a context manager `end()`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from crypto_portfolio_analyzer.channels.kinds import ChannelType
from crypto_portfolio_analyzer.core.notices.notification import Notification
from tests.channels.sending import message


async def _at_rest() -> None:
    """Return at once: another message may come."""


class End(Struct, frozen=True, kw_only=True):
    """A type that is ready to send, and the other end, which minds its manners."""

    kind: ChannelType
    options: Mapping[str, object]
    """As people would give them."""
    taken: Callable[[], int]
    """How many messages the other end took."""
    faults: Callable[[], Sequence[str]]
    """What it found wrong with them."""
    hang_up: Callable[[], Any] | None
    """Make the other end go away, awaited; None if there is none to go."""
    rest: Callable[[], Awaitable[object]] = _at_rest
    """Make the other end ready for the next message, where it would not take many in a row."""
    secrets: Sequence[str] = ()
    """What nobody may see: the owner's, and the operator's."""
    garbage: Sequence[Mapping[str, object]] = ()
    """Options, in place of the right ones, that must be refused."""
    write: Callable[..., Notification] = message
    """Make a message of this type's sort, given its name, options and changes."""
