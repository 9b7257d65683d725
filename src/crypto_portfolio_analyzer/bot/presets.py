"""Presets: the usual alerts, each a sentence of the condition language with one value to choose."""

from collections.abc import Mapping
from decimal import Decimal
from math import floor, log10

from msgspec import Struct

from crypto_portfolio_analyzer.core.formats import digits_for

OWN = "own"
"""No preset: the condition is typed."""


class Preset(Struct, frozen=True):
    """One usual alert: its condition around `{}`, and what is offered for the value.

    `steps` are percents away from the price, `values` are offered as they are.
    """

    condition: str
    steps: tuple[int, ...] = ()
    values: tuple[str, ...] = ()


PRESETS: Mapping[str, Preset] = {
    "above": Preset("price crosses above {}", steps=(1, 2, 5)),
    "below": Preset("price crosses below {}", steps=(-1, -2, -5)),
    "moves": Preset("price moves by {}% in 1h", values=("1", "2", "5", "10")),
    "rsi_low": Preset("rsi(14) on 1h < {}", values=("20", "25", "30")),
    "rsi_high": Preset("rsi(14) on 1h > {}", values=("70", "75", "80")),
}


def offers(preset: Preset, price: float | None, tick: float | None = None) -> list[tuple[str, str]]:
    """Return what is offered for the value: a percentage or nothing, and the value as conditions spell it."""
    found = [("", value) for value in preset.values]
    if preset.steps and price:
        digits = digits_for(price, tick)
        for step in preset.steps:
            sign = "+" if step > 0 else "−"
            found.append((f"{sign}{abs(step)}%", spelled(price * (1 + step / 100), digits)))
        found.append(("", spelled(round_level(price, up=preset.steps[0] > 0), digits)))
    return found


def round_level(price: float, *, up: bool) -> float:
    """Return the next round price: a half of the second figure above, or below."""
    unit = Decimal(5).scaleb(floor(log10(price)) - 2)
    count = Decimal(repr(price)) // unit
    level = (count + 1) * unit if up else (count if count * unit < Decimal(repr(price)) else count - 1) * unit
    return float(level) if level > 0 else price


def spelled(value: float, digits: int) -> str:
    """Spell a price as conditions do: a point, no thousands, no needless zeros."""
    text = f"{Decimal(repr(value)):.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
