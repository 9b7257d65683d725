"""Signal templates: an order in the words of a bot, as the data files beside this module describe them.

A data file says what a bot understands: its words for actions, the options it needs, and its body as JSON, as lines of
KEY=value, or as text. `{name}` stands for a value of the order or an option; one that is not known takes its field or
line with it. An option of the same name as a value of the order goes before it.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import msgspec
from msgspec import Struct

from crypto_portfolio_analyzer.channels.orders import Action, Order
from crypto_portfolio_analyzer.core.notices.exact import decimal_text, iso
from crypto_portfolio_analyzer.errors import DeliveryFailed

Scalar: TypeAlias = str | float | int | None
Values: TypeAlias = Mapping[str, Scalar]
Tree: TypeAlias = Mapping[str, object]

_FOLDER = Path(__file__).parent / "templates"
_SLOT = re.compile(r"\{([a-z_]+)\}")
_BREAKS = re.compile(r"[\r\n]+")


class Wish(Struct, frozen=True, forbid_unknown_fields=True, rename={"company": "with"}):
    """One option that a bot wants; its default holds only together with the option `company`, if that is said."""

    kind: str
    about: str
    needed: bool = False
    default: str = ""
    company: str = ""


class Text(Struct, frozen=True):
    """A body of lines as they are."""

    lines: tuple[str, ...]


class SignalTemplate(Struct, frozen=True, forbid_unknown_fields=True):
    """What one kind of bot understands. Exactly one of `json`, `lines` and `text` is its body."""

    label: str
    content_type: str
    words: Mapping[Action, str]
    options: Mapping[str, Wish] = {}
    url: str = ""
    """Where every bot of this kind listens, if they share an address."""
    per_minute: int | None = None
    message: str = ""
    """The same as the `template` of a telegram channel, for bots that read chats."""
    json: Tree | None = None
    lines: Mapping[str, str] | None = None
    text: Text | None = None

    def body(self, order: Order, fields: Values) -> str:
        """Return the body of an order; raises DeliveryFailed, final, for an action the bot has no word for."""
        word = self.words.get(order.action)
        if word is None:
            detail = f"{self.label} has no word for {order.action}; use {', '.join(self.words)}"
            raise DeliveryFailed("no_order", detail, final=True, is_config=True)
        values = {**values_of(order, fields), **self._options(fields), "action": word}
        if self.json is not None:
            return msgspec.json.encode(_filled(self.json, values)).decode()
        pairs = self.lines or {}
        lines = [f"{key}={value}" for key, value in pairs.items()] if self.lines else self._text()
        return "\n".join(_lines(lines, values)) + "\n"

    def _text(self) -> tuple[str, ...]:
        return self.text.lines if self.text is not None else ()

    def _options(self, fields: Values) -> dict[str, Scalar]:
        """Return the options that are given, or stand by default, numbers as text too."""
        found: dict[str, Scalar] = {}
        for name, wish in self.options.items():
            value = fields.get(name)
            if value in (None, "") and wish.default and (not wish.company or fields.get(wish.company)):
                value = wish.default
            if value not in (None, ""):
                found[name] = value
            if wish.kind == "number" and isinstance(value, int | float):
                found[f"{name}_text"] = decimal_text(value)
        return found


def values_of(order: Order, fields: Values) -> dict[str, Scalar]:
    """Return the values that every template may use."""
    symbol, ttl = order.symbol, (order.expires_at - order.at) / 1e9
    quote, side = symbol.quote or "", "long" if order.action in _LONG else "short"
    return {
        "id": order.key,
        "rule": order.rule or None,
        "revision": order.revision or None,
        "pair": symbol.canonical(),
        "ticker": f"{symbol.base}{quote}",
        "dashed": f"{symbol.base}-{quote}",
        "instrument": f"{symbol.base}-{quote}-SWAP",
        "venue": order.venue or None,
        "exchange": order.venue.upper() or None,
        "side": side,
        "position_after": _AFTER.get(order.action, "flat"),
        "price": decimal_text(order.price),
        "price_number": order.price,
        "time": iso(order.at),
        "time_ms": order.at // 10**6,
        "sequence": order.at // 10**6,
        "expires": iso(order.expires_at),
        "expires_ms": order.expires_at // 10**6,
        "ttl": ttl,
        "ttl_text": f"{max(1, round(ttl))}",
        "take_profit": _away(order, fields.get("take_profit_percent"), 1),
        "stop": _away(order, fields.get("stop_percent"), -1),
    }


_LONG = (Action.ENTER_LONG, Action.EXIT_LONG, Action.EXIT)
_AFTER = {Action.ENTER_LONG: "bullish", Action.ENTER_SHORT: "bearish"}


def _away(order: Order, percent: Scalar, way: int) -> str | None:
    """Return the price so many percent from the order's, in the direction of gain (1) or loss (-1)."""
    if order.price is None or not isinstance(percent, int | float):
        return None
    sign = way if order.action is Action.ENTER_LONG else -way
    return decimal_text(float(f"{order.price * (1 + sign * percent / 100):.8g}"))


def _filled(tree: Tree, values: Values) -> dict[str, object]:
    """Return a JSON object with its slots filled; what is not known is left out, and so is an object left empty."""
    found: dict[str, object] = {}
    for name, each in tree.items():
        value = _filled(each, values) if isinstance(each, Mapping) else _value(str(each), values)
        if value is not None and value != {}:
            found[name] = value
    return found


def _value(text: str, values: Values) -> Scalar:
    """Return a text with its slots filled, None if one is not known; a lone slot keeps the type of its value."""
    lone = _SLOT.fullmatch(text)
    if lone:
        return values.get(lone[1])
    if any(values.get(name) is None for name in _SLOT.findall(text)):
        return None
    return _SLOT.sub(lambda slot: str(values[slot[1]]), text)


def _lines(lines: "tuple[str, ...] | list[str]", values: Values) -> Iterator[str]:
    for line in lines:
        value = _value(line, values)
        if value is not None:
            yield _BREAKS.sub(" ", str(value))


@lru_cache(maxsize=1)
def signal_templates() -> Mapping[str, SignalTemplate]:
    """Return every template by name."""
    return {
        path.stem: msgspec.convert(tomllib.loads(path.read_text("utf-8")), SignalTemplate)
        for path in sorted(_FOLDER.glob("*.toml"))
    }
