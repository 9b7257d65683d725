"""What settings can be: lists, addresses, names, and how one is declared."""

import json
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.core.venues import EXCHANGES
from crypto_portfolio_analyzer.errors import InvalidInput


def split(value: object) -> object:
    """Read a list from a text: JSON or comma-separated; an empty text is an empty list."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


def url_of(*schemes: str) -> BeforeValidator:
    """Let an address of one of the schemes pass, without the slash at its end."""

    def check(value: object) -> object:
        if not isinstance(value, str) or urlsplit(value).scheme not in schemes:
            message = "not such an address"
            raise ValueError(message)
        return value.rstrip("/")

    return BeforeValidator(check)


def passing(check: Callable[[Any], object]) -> AfterValidator:
    """Let a value pass unless `check` raises InvalidInput, in its words."""

    def validate(value: Any) -> Any:
        try:
            check(value)
        except InvalidInput as error:
            raise ValueError(str(error)) from error
        return value

    return AfterValidator(validate)


ExchangeName = Annotated[str, passing(lambda name: EXCHANGES[name])]
SymbolTexts = Annotated[
    tuple[str, ...], BeforeValidator(split), passing(lambda texts: [parse_symbol(text) for text in texts])
]
WebSocketUrl = Annotated[str, url_of("ws", "wss", "mock")]
Level = Literal["debug", "info", "warning", "error"]
RedisUrl = Annotated[str, url_of("redis", "rediss")]
HttpUrl = Annotated[str, url_of("http", "https")]
SecretUrl = Annotated[SecretStr, url_of("http", "https")]
UserPath = Annotated[Path, AfterValidator(Path.expanduser)]


def _networks(value: object) -> object:
    given = split(value)
    if not isinstance(given, (list, tuple)):
        return given
    return tuple(ip_network(str(each), strict=False) for each in given)


Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_networks)]


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    for each in value:
        parts = urlsplit(each)
        if (
            parts.scheme not in ("http", "https")
            or each.lower() != f"{parts.scheme}://{parts.netloc}".lower()
        ):
            message = f"{each[:40]!r} is no origin"
            raise ValueError(message)
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(split)]
Origins = Annotated[tuple[str, ...], BeforeValidator(split), AfterValidator(_origins)]


def _persons(value: object) -> object:
    given = split(str(value) if isinstance(value, int) else value)
    return [str(each) for each in given] if isinstance(given, list) else given


Persons = Annotated[tuple[str, ...], BeforeValidator(_persons)]


def setting(default: Any, about: str, right: str, **options: Any) -> Any:
    """Declare a setting: what it is about, and which values are right."""
    extra = {"right": right, "secret": options.pop("secret", False), "hidden": options.pop("hidden", False)}
    return Field(default, description=about, json_schema_extra=extra, **options)


class Section(BaseModel):
    """A branch of the tree: frozen, and nothing in it that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
