"""Numbers and times as people read them, in English and German: one table for every surface.

Rounding is half away from zero on the shortest decimal text of a float, as browsers do it. What is unknown
is a dash; what is no number is refused.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Context, Decimal
from math import floor, isfinite, log10
from typing import Literal

Language = Literal["en", "de"]

UNKNOWN = "–"
MINUS = "−"
UP, DOWN = "▲", "▼"
SIGNIFICANT = 5
"""Digits of a price whose venue states no tick size."""
_NBSP = "\u00a0"
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_MARKS = {"en": (",", "."), "de": (".", ",")}
_SIZES = (
    (12, {"en": "T", "de": _NBSP + "Bio."}),
    (9, {"en": "B", "de": _NBSP + "Mrd."}),
    (6, {"en": "M", "de": _NBSP + "Mio."}),
    (3, {"en": "K", "de": _NBSP + "Tsd."}),
    (0, {"en": "", "de": ""}),
)
_STEPS = (("d", 86400, "h", 3600), ("h", 3600, "m", 60), ("m", 60, "s", 1))
_WIDE = Context(prec=80, rounding=ROUND_HALF_UP)
_BARS = "▁▂▃▄▅▆▇█"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEKDAYS = {"en": "Mon Tue Wed Thu Fri Sat Sun".split(), "de": "Mo Di Mi Do Fr Sa So".split()}
_MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
    "de": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.".split(),
}


def price(
    value: float | None, digits: int | None = None, *, language: Language = "en", short: bool = False
) -> str:
    """Write a price with `digits` decimals (or those of `digits_for`).

    `short` counts four or more zeros after the point with a subscript, where room is scarce: 0.0₅8412.
    """
    if value is None:
        return UNKNOWN
    _refuse(value)
    subscripted = _subscripted(value, language) if short else None
    return subscripted or _grouped(value, digits_for(value) if digits is None else digits, language)


def digits_for(value: float, tick_size: float | None = None) -> int:
    """Return the decimals of a market's prices: those of its tick, else for five digits, at least two."""
    if tick_size:
        return max(0, -int(Decimal(repr(tick_size)).normalize().as_tuple().exponent))
    if not value:
        return 2
    return max(2, SIGNIFICANT - 1 - floor(log10(abs(value))))


class Precision:
    """Each market's decimals, chosen again only after a tenfold move, so that columns stand still."""

    def __init__(self) -> None:
        self._chosen: dict[str, tuple[float, int]] = {}

    def of(self, symbol: str, value: float, tick_size: float | None = None) -> int:
        """Return the decimals of `symbol`, now at `value`."""
        at, digits = self._chosen.get(symbol, (0.0, 0))
        if not at or not at / 10 < abs(value) < at * 10:
            digits = digits_for(value, tick_size)
            self._chosen[symbol] = (abs(value), digits)
        return digits


def change(points: float | None, digits: int = 2, *, language: Language = "en") -> str:
    """Write a change in percent points with its direction; what rounds to zero has none."""
    if points is None:
        return UNKNOWN
    _refuse(points)
    rounded = float(_rounded(points, digits))
    text = percent(abs(rounded), digits, language=language)
    if not rounded:
        return text
    return f"{UP} +{text}" if rounded > 0 else f"{DOWN} {MINUS}{text}"


def percent(share: float | None, digits: int = 2, *, language: Language = "en") -> str:
    """Write a share in percent points, without direction."""
    if share is None:
        return UNKNOWN
    _refuse(share)
    return _grouped(share, digits, language) + ("%" if language == "en" else _NBSP + "%")


def compact(value: float | None, *, language: Language = "en") -> str:
    """Write a volume or a capitalisation with three digits: 28.4B, 812M, 12.3K."""
    if value is None:
        return UNKNOWN
    _refuse(value)
    magnitude = abs(float(f"{value:.2e}"))  # 999,999 is one million, not 1000 thousand
    if not magnitude:
        return "0"
    power, names = next((size for size in _SIZES if magnitude >= 10 ** size[0]), _SIZES[-1])
    scaled = value / 10**power
    decimals = max(0, 2 - floor(log10(magnitude / 10**power)))
    return _grouped(scaled, decimals, language) + names[language]


def money(value: float | None, unit: str, digits: int = 2, *, language: Language = "en") -> str:
    """Write an amount with its unit."""
    if value is None:
        return UNKNOWN
    _refuse(value)
    return f"{_grouped(value, digits, language)} {unit}"


def count(value: int, *, language: Language = "en") -> str:
    """Write a whole number with its thousands apart."""
    return _grouped(value, 0, language)


def duration(seconds: float | None, *, language: Language = "en") -> str:
    """Write how long something took: 41 ms, 1.5s, 2m 10s, 3h 5m, 2d 4h."""
    if seconds is None:
        return UNKNOWN
    _refuse(seconds)
    tenths = _rounded(seconds * 1000, 1)
    if tenths < 999.5:
        whole = tenths >= 10 or tenths == int(tenths)
        return f"{_grouped(seconds * 1000, 0 if whole else 1, language)} ms"
    return _long(seconds, language)


def age(seconds: float | None, *, language: Language = "en") -> str:
    """Write how old something is; tenths below ten seconds: 0.3s, 12s, 2m 10s."""
    if seconds is None:
        return UNKNOWN
    _refuse(seconds)
    return _long(max(0.0, seconds), language)


def moment(at: int, now: int, zone: tzinfo = UTC, *, language: Language = "en") -> str:
    """Write an instant (ns UTC) for people, the nearer the finer: 14:03:07, Fri 14:03, 12 Nov 14:03."""
    then, today = local(at, zone), local(now, zone)
    clock = then.strftime("%H:%M")
    days = (today.date() - then.date()).days
    if days == 0:
        return then.strftime("%H:%M:%S")
    if 0 < days < 7:
        return f"{_WEEKDAYS[language][then.weekday()]} {clock}"
    dot = "." if language == "de" else ""
    year = "" if then.year == today.year else f" {then.year}"
    return f"{then.day}{dot} {_MONTHS[language][then.month - 1]}{year} {clock}"


def utc(at: int) -> str:
    """Write an instant (ns) exactly: 2026-11-20 14:03:07.371 UTC."""
    return local(at, UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{at // 1_000_000 % 1000:03} UTC"


def local(at: int, zone: tzinfo) -> datetime:
    """Return an instant (ns UTC) in a time zone."""
    return (_EPOCH + timedelta(microseconds=at // 1000)).astimezone(zone)


def sparkline(values: Sequence[float], width: int = 8, *, least_range: float = 0.005) -> str:
    """Draw the last `width` values; a range below `least_range` of the price stays flat, noise is no move."""
    shown = values[-width:]
    if not shown:
        return ""
    low, high = min(shown), max(shown)
    floor_range = abs(high) * least_range
    if high - low < floor_range:
        low, high = (low + high - floor_range) / 2, (low + high + floor_range) / 2
    span = (high - low) or 1.0
    return "".join(_BARS[min(7, int((value - low) / span * 8))] for value in shown)


def _refuse(value: float) -> None:
    if not isfinite(value):
        message = f"{value} is no number to show"
        raise ValueError(message)


def _rounded(value: float, digits: int) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), context=_WIDE)


def _grouped(value: float, digits: int, language: Language) -> str:
    rounded = _rounded(value, digits)
    thousands, point = _MARKS[language]
    text = f"{abs(rounded):,.{digits}f}".replace(",", "\0").replace(".", point).replace("\0", thousands)
    return MINUS + text if rounded < 0 else text


def _subscripted(value: float, language: Language) -> str | None:
    """Write four digits behind a count of the zeros before them; None if the zeros are fewer than four."""
    figures = Context(prec=4, rounding=ROUND_HALF_UP).create_decimal(repr(value))
    zeros = -figures.adjusted() - 1
    if not figures or zeros < 4:
        return None
    sign, digits, _ = figures.as_tuple()
    shown = "".join(map(str, digits)).ljust(4, "0")
    return f"{MINUS * sign}0{_MARKS[language][1]}0{str(zeros).translate(_SUBSCRIPTS)}{shown}"


def _long(seconds: float, language: Language) -> str:
    german = language == "de"
    if seconds < 9.95:
        return _grouped(seconds, 1, language) + (" s" if german else "s")
    whole = int(_rounded(seconds, 0))
    for unit, size, below, low in _STEPS:
        if whole >= size:
            parts = (whole // size, unit), (whole % size // low, below)
            return " ".join(_part(number, name, german=german) for number, name in parts if number)
    return _part(whole, "s", german=german)


def _part(number: int, unit: str, *, german: bool) -> str:
    return f"{number} {'min' if unit == 'm' else unit}" if german else f"{number}{unit}"
