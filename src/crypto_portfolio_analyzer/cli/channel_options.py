"""The options that say what a channel is: told once, and read as the API takes them."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from crypto_portfolio_analyzer.errors import InvalidInput

FIELDS: Mapping[str, Any] = {
    "name": Annotated[str | None, typer.Option(help="Unique among yours; else that of the type.")],
    "url": Annotated[str | None, typer.Option(help="Where it is sent: webhook, Discord, Apprise, a bot.")],
    "chat": Annotated[str | None, typer.Option(help="A Telegram chat id, or @name of a channel.")],
    "to": Annotated[str | None, typer.Option(help="A mail address or a phone number.")],
    "default": Annotated[
        bool | None, typer.Option("--default/--no-default", help="Told of alerts that name no channel.")
    ],
    "enabled": Annotated[bool | None, typer.Option("--on/--off", help="Whether anything is sent.")],
    "quiet_hours": Annotated[
        str | None, typer.Option(help="Hold all but the critical, or `off`.", metavar="22:00-07:00")
    ],
    "language": Annotated[str | None, typer.Option(help="Of what is sent.", metavar="[en|de]")],
    "option": Annotated[
        list[str] | None, typer.Option(help="An option of the type; again for more.", metavar="KEY=VALUE")
    ],
    "option_file": Annotated[
        list[str] | None,
        typer.Option(help="Its value from a file, - for standard input: for secrets.", metavar="KEY=FILE"),
    ],
}
"""Every option of `channels add` and `channels edit`; what is not given is None."""

COMMON = {"name": "name", "default": "default", "enabled": "enabled", "language": "language"}
_FLAGS = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}


def fields(options: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Any]:
    """Return the body of a request that the options of a command mean; `kinds` are those of the type's options.

    Raises InvalidInput for what is not `key=value`, or no value of its kind.
    """
    told = {field: options[name] for name, field in COMMON.items() if options[name] is not None}
    if options["quiet_hours"] is not None:
        told["quiet_hours"] = quiet_hours(options["quiet_hours"])
    texts = {field: options[name] for name, field in _addresses(kinds).items() if options[name] is not None}
    texts |= dict(_pair(each) for each in options["option"] or ())
    texts |= {name: read_text(file) for name, file in (_pair(each) for each in options["option_file"] or ())}
    return told | {name: value_of(name, text, kinds.get(name, "")) for name, text in texts.items()}


def _addresses(kinds: Mapping[str, str]) -> dict[str, str]:
    """Return which option of the type each of the usual flags means."""
    return {"url": "url", "to": "to", "chat": "chat_id" if "chat_id" in kinds else "chat"}


def quiet_hours(text: str) -> dict[str, str] | None:
    """Read `22:00-07:00`, or `off` for none; raises InvalidInput."""
    if text.strip().lower() == "off":
        return None
    begin, dash, end = (part.strip() for part in text.partition("-"))
    if not (dash and begin and end):
        raise InvalidInput(f"{text[:40]!r} are no hours; write them like 22:00-07:00, or off")
    return {"from": begin, "until": end, "except": "critical"}


def value_of(name: str, text: str, kind: str) -> Any:
    """Read the value of an option by its kind: number, flag, list, else a text; raises InvalidInput.

    A secret, or an option that the type does not name, may be a JSON object.
    """
    if kind == "number":
        try:
            return int(text) if text.strip().lstrip("+-").isdigit() else float(text)
        except ValueError:
            raise InvalidInput(f"{name} {text[:40]!r} is no number; write one like 60") from None
    if kind == "flag":
        if text.strip().lower() not in _FLAGS:
            raise InvalidInput(f"{name} {text[:40]!r} is neither yes nor no; write on or off")
        return _FLAGS[text.strip().lower()]
    if kind == "list":
        return [part.strip() for part in text.split(",") if part.strip()]
    if kind in ("", "secret") and text.lstrip().startswith("{"):
        return _object(name, text)
    return text


def _object(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise InvalidInput(f'{name} is no JSON object; write one like {{"key": "value"}}') from None


def read_text(file: str) -> str:
    """Return what a file holds, without its last line end; `-` is standard input."""
    text = sys.stdin.read() if file == "-" else Path(file).expanduser().read_text()
    return text.removesuffix("\n")


def kinds_of(types: Sequence[Mapping[str, Any]], name: str) -> dict[str, str]:
    """Return the kinds of a type's options by name; none for a type that is not known."""
    return {
        option["name"]: option["kind"] for each in types if each["name"] == name for option in each["options"]
    }


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InvalidInput(f"{text[:40]!r} is no option; write it like key=value")
    return key.strip(), value
