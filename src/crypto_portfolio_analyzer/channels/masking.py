"""How secrets are shown: never, but for enough to tell one from another."""

import hashlib
from collections.abc import Mapping, Sequence

from yarl import URL

from crypto_portfolio_analyzer.channels.kinds import Option

DOTS = "•••"
_TAIL = 4
_SHORT = 12
"""Of a shorter secret nothing is shown: four characters would be too much of it."""


def masked(secret: str) -> str:
    """Return a secret as `•••` and its last 4 characters."""
    return DOTS + (secret[-_TAIL:] if len(secret) >= _SHORT else "")


def masked_url(url: str) -> str:
    """Return where a URL leads, its path and query masked: they are often all it takes to write there."""
    try:
        parsed = URL(url)
        origin = str(parsed.origin())
    except ValueError:
        return masked(url)
    rest = parsed.raw_path_qs
    return origin if rest in ("", "/") else f"{origin}/{masked(rest)}"


def fingerprint(text: str) -> str:
    """Return a short name for a secret endpoint, from which it cannot be found out."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def shown(known: Sequence[Option], options: Mapping[str, object]) -> dict[str, object]:
    """Return the known options as they may be seen; an option that is not known is not shown."""
    kinds = {option.name: option.kind for option in known}
    return {name: _shown(kinds[name], value) for name, value in options.items() if name in kinds}


def _shown(kind: str, value: object) -> object:
    if kind == "url":
        return masked_url(str(value)) if value else value
    if kind != "secret":
        return value
    if isinstance(value, Mapping):
        return {name: masked(str(each)) for name, each in value.items()}
    return masked(str(value)) if value else value
