"""The one gate every number from outside passes: finite, in range, of bounded length."""

import re
from math import isinf, isnan

from crypto_portfolio_analyzer.core.market import RejectReason

MAX_PRICE = 1e15
"""Nothing traded has cost more in any quote; above it a number is a fault."""
MAX_QUANTITY = 1e18
MAX_TEXT = 40
MAX_EXPONENT = 30
AHEAD_NANOSECONDS = 60 * 10**9
"""How far a venue's clock may run ahead of ours before its time stamp is refused."""
EARLIEST = 1_230_768_000 * 10**9
"""2009-01-01: no crypto-asset traded before."""

_PLAIN = re.compile(r"[+-]?\d+(\.\d*)?|[+-]?\.\d+")
_SCIENTIFIC = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)[eE]([+-]?\d{1,9})")


def refuse_number(value: object, *, limit: float = MAX_PRICE, zero_ok: bool = False) -> RejectReason | None:
    """Say why `value` (wire text or a JSON number) cannot be a price or quantity; None if it can.

    Looks at the text before any conversion: a number of a million digits costs nothing.
    """
    if isinstance(value, str):
        reason = _refuse_text(value)
        if reason:
            return reason
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return RejectReason.TYPE
    return _refuse_value(value, limit=limit, zero_ok=zero_ok)


def _refuse_text(text: str) -> RejectReason | None:
    if len(text) > MAX_TEXT:
        return RejectReason.TOO_LONG
    if not text.isascii():
        return RejectReason.TYPE
    bare = text.lower().lstrip("+-")
    if bare == "nan":
        return RejectReason.NAN
    if bare in ("inf", "infinity"):
        return RejectReason.INFINITE
    if _PLAIN.fullmatch(text):
        return None
    scientific = _SCIENTIFIC.fullmatch(text)
    if scientific is None:
        return RejectReason.TYPE
    is_large = int(scientific[1]) > MAX_EXPONENT and float(text) != 0  # 0e40 is 0, whatever the exponent
    return RejectReason.EXPONENT if is_large or int(scientific[1]) < -MAX_EXPONENT else None


def _refuse_value(value: float, *, limit: float, zero_ok: bool) -> RejectReason | None:
    is_float = isinstance(value, float)  # isnan raises for an integer of 400 digits
    if is_float and isnan(value):
        return RejectReason.NAN
    if is_float and isinf(value):
        return RejectReason.INFINITE
    if value < 0:
        return RejectReason.NEGATIVE
    if value == 0 and not zero_ok:
        return RejectReason.ZERO
    return RejectReason.RANGE if value >= limit else None


def refuse_time(event_at: int, received_at: int) -> RejectReason | None:
    """Say why a venue's instant (ns) cannot be right; None if it can. Old instants are normal."""
    return None if EARLIEST < event_at < received_at + AHEAD_NANOSECONDS else RejectReason.TIME
