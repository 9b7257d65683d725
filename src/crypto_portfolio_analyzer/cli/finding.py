"""Finding what people mean by an id, the beginning of one, or a name."""

from collections.abc import Sequence
from typing import Any

from crypto_portfolio_analyzer.cli.failures import MISUSED, NOT_FOUND, Failed


def one_of(entries: Sequence[dict[str, Any]], text: str, kind: str, look: str) -> dict[str, Any]:
    """Return the entry with this `id` or `name`, else the one whose id begins so; `look` is a command that lists them.

    Raises:
        Failed: there is none (3), or several begin like that (2).

    """
    exact = [each for each in entries if text in (each["id"], each["name"])]
    near = exact or [each for each in entries if each["id"].startswith(text.lower())]
    if len(near) == 1:
        return near[0]
    if near:
        names = ", ".join(each["id"][:8] for each in near[:5])
        raise Failed(
            f"{len(near)} {kind}s begin with {text!r}: {names}", "write more of the id", exit_code=MISUSED
        )
    raise Failed(f"no {kind} {text[:80]!r}", look, exit_code=NOT_FOUND)
