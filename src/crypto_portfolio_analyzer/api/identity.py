"""Who asks, and what a route or room demands of them."""

from enum import StrEnum

from msgspec import Struct


class Role(StrEnum):
    """What an account may do; more roles come with more people."""

    ADMIN = "admin"
    VIEWER = "viewer"


class Policy(StrEnum):
    """What a route or room demands."""

    OPEN = "open"
    """Anybody."""
    LOCAL = "local"
    """Anybody while only this machine can ask; else whoever is logged in."""
    USER = "user"
    """Whoever is logged in."""
    ADMIN = "admin"
    """Administrators."""


class Identity(Struct, frozen=True):
    """Who asks. An anonymous one has no name; it ends with its `session` or at `until` (ns)."""

    name: str | None
    role: Role | None
    local: bool = False
    """Asks from this very machine, while nobody else can."""
    by_cookie: bool = False
    session: str | None = None
    until: int | None = None

    @property
    def owner(self) -> str:
        """Return whose everything is that this identity makes; raises ValueError for an anonymous one."""
        if self.name is None:
            message = "nobody owns nothing"
            raise ValueError(message)
        return self.name

    def may(self, policy: Policy) -> bool:
        """Tell whether this identity satisfies `policy`."""
        if policy is Policy.OPEN or (policy is Policy.LOCAL and self.local):
            return True
        if self.name is None:
            return False
        return policy is not Policy.ADMIN or self.role is Role.ADMIN
