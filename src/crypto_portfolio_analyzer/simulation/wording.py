"""Numbers and instants as venues write them."""

from datetime import UTC, datetime

import msgspec

SECOND = 10**9
MINUTE = 60 * SECOND
DAY = 1440 * MINUTE

encode = msgspec.json.encode


def fixed(value: int, decimals: int) -> str:
    """Return `value` steps of 10^-decimals as decimal text."""
    if decimals == 0:
        return str(value)
    sign, text = ("-" if value < 0 else ""), str(abs(value)).rjust(decimals + 1, "0")
    return f"{sign}{text[:-decimals]}.{text[-decimals:]}"


def trimmed(text: str) -> str:
    """Return decimal text without trailing zeros."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def iso(at: int) -> str:
    """Return an instant in ns as ISO 8601 with microseconds."""
    seconds, rest = divmod(at, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest // 1000:06d}Z"
