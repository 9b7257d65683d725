"""The options that ask what an alert asks: told once, taken by every command that makes or tries one."""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

import typer

F = TypeVar("F", bound=Callable[..., Any])

_TRIGGERS = "[once|every_time|once_per_bar|once_per_bar_close|once_per_minute]"

HOW: Mapping[str, Any] = {
    "trigger": Annotated[str | None, typer.Option(help="When it fires.", metavar=_TRIGGERS)],
    "cooldown": Annotated[str | None, typer.Option(help="Silent so long after a firing, like 0s or 15m.")],
    "rearm_percent": Annotated[
        float | None, typer.Option(help="Fire again only after going back by so many percent.")
    ],
    "rearm_level": Annotated[
        float | None, typer.Option(help="Fire again only after going back to this level.")
    ],
}
"""How a true condition fires."""

FIELDS: Mapping[str, Any] = {
    "condition": Annotated[
        str | None, typer.Option(help="The question, like: price crosses above 65000.", metavar="TEXT")
    ],
    "symbol": Annotated[
        list[str] | None, typer.Option(help="What it is about; again for more, * for all.", metavar="TEXT")
    ],
    "watchlist": Annotated[str | None, typer.Option(help="All symbols of a watchlist.")],
    "name": Annotated[str | None, typer.Option(help="Unique among yours.")],
    "timeframe": Annotated[str | None, typer.Option(help="Its timeframe, like 1m or 1h.")],
    **HOW,
    "expires": Annotated[str | None, typer.Option(help="An instant, or a duration like 7d.")],
    "max_triggers": Annotated[int | None, typer.Option(help="Done after so many firings.")],
    "severity": Annotated[str | None, typer.Option(metavar="[info|warning|critical]")],
    "message": Annotated[str | None, typer.Option(help="What it says when it fires.")],
    "channel": Annotated[list[str] | None, typer.Option(help="Whom to tell; again for more.")],
    "tag": Annotated[list[str] | None, typer.Option(help="A word to find it by; again for more.")],
    "fresh": Annotated[
        bool | None, typer.Option("--fresh/--no-fresh", help="Wait until it becomes true again.")
    ],
}
"""Every field of an alert that an option sets; what is not given is None."""


def asking(options: Mapping[str, Any]) -> Callable[[F], F]:
    """Let a command take `options`; it gets them all as its `**` parameter."""

    def add(function: F) -> F:
        signature = inspect.signature(function, eval_str=True)
        own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
        more = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
            for name, annotation in options.items()
        ]
        first = [each for each in own if each.kind is not each.KEYWORD_ONLY]
        last = [each for each in own if each.kind is each.KEYWORD_ONLY]
        function.__signature__ = signature.replace(parameters=[*first, *more, *last])  # type: ignore[attr-defined]  # as inspect wants it
        return function

    return add
