"""Who is who elsewhere, and what is sent to us: linked persons, and addresses that take signals in."""

from msgspec import Struct

TELEGRAM = "telegram"


class Link(Struct, frozen=True, kw_only=True):
    """A person of another platform who acts for an owner here; `person` is the platform's own id of the person."""

    platform: str
    person: str
    owner: str
    name: str = ""
    created_at: int = 0


class Hook(Struct, frozen=True, kw_only=True):
    """An address that takes signals in and routes them on to `channels` (ids or names; none: the default ones)."""

    id: str
    owner: str
    name: str
    channels: tuple[str, ...] = ()
    created_at: int = 0
