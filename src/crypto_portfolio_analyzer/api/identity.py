"""Who asks, and what a route or room demands of them.

An API token has scopes: `read`, `write`, `admin`, or `AREA:read` and `AREA:write`, where the area is the first tag
of a route. Each includes the one before it, and none reaches farther than the role of the token's owner.
"""

from collections.abc import Iterable
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


OWN_AREA = "auth"
"""What is about the caller itself: a token may look there whatever its scopes are."""
LEVELS = ("read", "write", "admin")
"""What a scope can grant, each more than the one before it."""
AREAS = ("alerts", "audit", "channels", "delivery", "market", "operation", "portfolio", "users")
"""Every area a scope can name: the first tags of the routes."""


class Identity(Struct, frozen=True):
    """Who asks. An anonymous one has no name; it ends with its `session` or `token`, or at `until` (ns)."""

    name: str | None
    role: Role | None
    local: bool = False
    """Asks from this very machine, while nobody else can."""
    by_cookie: bool = False
    session: str | None = None
    until: int | None = None
    token: str | None = None
    """The id of the API token that asks."""
    token_name: str = ""
    scopes: tuple[str, ...] | None = None
    """What an API token is limited to; None: to nothing but the role."""

    @property
    def owner(self) -> str:
        """Return whose everything is that this identity makes; raises ValueError for an anonymous one."""
        if self.name is None:
            message = "nobody owns nothing"
            raise ValueError(message)
        return self.name

    @property
    def actor(self) -> str:
        """Return who acts, as the audit log says it; raises ValueError for an anonymous one."""
        return self.owner if self.token is None else f"{self.owner} via token {self.token_name}"

    def may(self, policy: Policy, area: str = "") -> bool:
        """Tell whether this identity satisfies `policy` in an area."""
        if policy is Policy.OPEN or (policy is Policy.LOCAL and self.local and self.scopes is None):
            return True
        if self.role is None or self.role not in _ENOUGH[policy]:
            return False
        return self.scopes is None or _reach(self.scopes, _LEVEL[policy], area)


def unknown_scopes(scopes: Iterable[str]) -> list[str]:
    """Return those of `scopes` that are none."""
    known = {*LEVELS, *(f"{area}:{level}" for area in AREAS for level in LEVELS[:2])}
    return [scope for scope in scopes if scope not in known]


_ENOUGH: dict[Policy, frozenset[Role]] = {
    Policy.LOCAL: frozenset(Role),
    Policy.READ: frozenset(Role),
    Policy.CHANGE: frozenset({Role.ADMIN, Role.TRADER}),
    Policy.ADMIN: frozenset({Role.ADMIN}),
}
_LEVEL = {Policy.LOCAL: "read", Policy.READ: "read", Policy.CHANGE: "write", Policy.ADMIN: "admin"}


def _reach(scopes: Iterable[str], level: str, area: str) -> bool:
    if area == OWN_AREA and level == LEVELS[0]:
        return True
    enough = LEVELS[LEVELS.index(level) :]
    in_area = {f"{area}:{each}" for each in enough if area and each != LEVELS[-1]}
    return not {*enough, *in_area}.isdisjoint(scopes)
