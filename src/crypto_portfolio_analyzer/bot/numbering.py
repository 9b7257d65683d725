"""Numbers as people type them: with the separators of either language, and a question where two would fit."""

import re

from crypto_portfolio_analyzer.core.numbers import refuse_number

_SIZES = {"": 0, "k": 3, "m": 6, "b": 9}
_TYPED = re.compile(r"([+−-]?)([0-9][0-9., _'’]*)([kKmMbB]?)\s*%?")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:([., _'’])[0-9]{3})(?:\1[0-9]{3})*(?:(?!\1)[.,][0-9]+)?")
_DECIMAL = re.compile(r"[0-9]+(?:[.,][0-9]+)?")


def read_number(text: str) -> tuple[str, ...]:
    """Return what a typed number can be, as the condition language spells it: nothing, one, or two readings.

    `1.234` and `1,234` can be both a thousand and a bit, and one and a bit.
    """
    match = _TYPED.fullmatch(text.strip())
    if match is None:
        return ()
    sign, digits, size = "-" if match[1] in ("-", "−") else "", match[2].strip(), match[3].lower()
    readings = []
    if _DECIMAL.fullmatch(digits):
        readings.append(digits.replace(",", "."))
    if _THOUSANDS.fullmatch(digits) and not digits.startswith("0"):
        readings.append(_without_thousands(digits))
    found = dict.fromkeys(_scaled(each, _SIZES[size]) for each in readings)
    return tuple(sign + each for each in found if refuse_number(each) is None)


def _without_thousands(digits: str) -> str:
    separator = re.sub("[0-9]", "", digits)[0]
    return digits.replace(separator, "").replace(",", ".")


def _scaled(number: str, zeros: int) -> str:
    """Return a decimal text times a power of ten, without a float in between."""
    whole, _, part = number.partition(".")
    moved = part[:zeros].ljust(zeros, "0")
    rest = part[zeros:].rstrip("0")
    return (whole + moved).lstrip("0").rjust(1, "0") + (f".{rest}" if rest else "")
