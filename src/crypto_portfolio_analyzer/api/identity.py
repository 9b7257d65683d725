"""Who asks, and what a route or room demands of them."""

from enum import StrEnum

from msgspec import Struct


class Role(StrEnum):
    """What an account may do, each more than the one after it."""

    ADMIN = "admin"
    """Everything, also what concerns everybody: people, feeds, the audit log."""
    TRADER = "trader"
    """Whatever concerns nobody else: own alerts, channels, holdings."""
    READER = "reader"
    """Looks, changes nothing but the own login."""


class Policy(StrEnum):
    """What a route or room demands."""

    OPEN = "open"
    """Anybody."""
    LOCAL = "local"
    """Anybody while only this machine can ask; else whoever is logged in."""
    READ = "read"
    """Whoever is logged in; changes nothing but the caller's own login."""
    CHANGE = "change"
    """Whoever may change what is theirs."""
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
        if self.role is None:
            return False
        return self.role in _ENOUGH[policy]


_ENOUGH: dict[Policy, frozenset[Role]] = {
    Policy.LOCAL: frozenset(Role),
    Policy.READ: frozenset(Role),
    Policy.CHANGE: frozenset({Role.ADMIN, Role.TRADER}),
    Policy.ADMIN: frozenset({Role.ADMIN}),
}
