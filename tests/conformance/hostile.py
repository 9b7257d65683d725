"""Values that are no price and no quantity, as JSON text, and the reasons for which they may be refused."""

import json

from crypto_portfolio_analyzer.core.market import RejectReason

NAN, INFINITE, NEGATIVE = RejectReason.NAN, RejectReason.INFINITE, RejectReason.NEGATIVE
TOO_LONG, EXPONENT, RANGE = RejectReason.TOO_LONG, RejectReason.EXPONENT, RejectReason.RANGE
TYPE, SHAPE, JSON = RejectReason.TYPE, RejectReason.SHAPE, RejectReason.JSON

_NANS = "nan NaN NAN Nan nAn naN -nan +nan -NaN".split()
_INFINITIES = (
    "inf Inf INF -inf +inf -INF infinity Infinity INFINITY -infinity +Infinity -Infinity iNf".split()
)
_NEGATIVES = (
    "-1 -2 -0.5 -0.00000001 -58942.01 -58942.01000000 -1e5 -1E5 -1e-8 -999999999 -1e14 -0.1 -10 -100 -1000.5 -7.25e3"
).split()
_LONG = [
    *("1" * size for size in (41, 42, 45, 50, 60, 64, 80, 100, 128, 200, 255, 256, 500, 1000, 5000)),
    *("1." + "0" * size for size in (39, 40, 45, 50, 64, 100, 300, 1000)),
    *("0." + "0" * size + "1" for size in (38, 39, 45, 50, 64, 100, 300, 1000)),
    *("3." + "14159265358979" * count for count in (3, 4, 5, 10)),
]
_EXPONENTS = [
    *(f"1e{size}" for size in range(31, 56)),
    *(f"1e-{size}" for size in range(31, 56)),
    *(f"9.75E+{size}" for size in (31, 40, 99, 300, 308, 309, 400, 999)),
    *(f"2.5E-{size}" for size in (31, 40, 99, 300, 324, 400, 999)),
    *("1e400 1e-400 1e999999999 1e-999999999 -1e400 -1e99".split()),
]
_FAR = [*(f"1e{size}" for size in range(18, 31)), *("1" + "0" * size for size in range(18, 40))]
_WORDS = [
    *("abc 1,5 1_000 0x10 0b1 1.2.3 ++1 1e e5 1e5.5 1e+ 1e- $1 1% NaN1 infin true null None".split()),
    *("1/2 () + - . -. +. 1- 1+1 1'000 1d 1f 1L nan(1) #NUM! 1e5e5 .e5 1..2 ½ ∞ \uff11 \u0661  Ⅷ".split()),
    *(" ", " 1", "1 ", "1 000", "\t1", "1\n", "\u00a01", "1\u200b", "1\x00", "\ufeff1", "one", "NULL"),
]
_OTHERS = ("true", "false", "[]", "{}", '["1"]', '[["1","1"]]', '{"a":"1"}')

SAYS_NOTHING = ("null", '"null"', '"NULL"', '""')
"""What an optional field may hold: then it is refused, or the fact is without it."""


def _quoted(texts: list[str], *reasons: RejectReason) -> dict[str, set[RejectReason]]:
    return {json.dumps(text, ensure_ascii=False): set(reasons) for text in texts}


def _bare(texts: list[str], *reasons: RejectReason) -> dict[str, set[RejectReason]]:
    """As JSON numbers; a parser may refuse such a frame whole."""
    return {text: {*reasons, JSON} for text in texts}


NUMBERS: dict[str, set[RejectReason]] = {
    **_quoted(_NANS, NAN),
    **_quoted(_INFINITIES, INFINITE),
    **_quoted(_NEGATIVES, NEGATIVE),
    **_quoted(_LONG, TOO_LONG),
    **_quoted(_EXPONENTS, EXPONENT),
    **_quoted(_FAR, RANGE),
    **_quoted(_WORDS, TYPE),
    **_quoted(["--1", "-+1"], TYPE, NEGATIVE),
    **_bare(_NEGATIVES, NEGATIVE),
    **_bare(_LONG, TOO_LONG),
    **_bare(_EXPONENTS, EXPONENT),
    **_bare(_FAR, RANGE),
    **_bare(["NaN"], NAN),
    **_bare(["Infinity", "-Infinity"], INFINITE),
    **{token: {TYPE, SHAPE} for token in _OTHERS},
    **{token: {TYPE, SHAPE} for token in SAYS_NOTHING},
}
"""By JSON text."""

TIMES = (
    *(
        "0",
        "-1",
        "1",
        "1230767999999",
        "99999999999999",
        "1e30",
        "-9e18",
        "1795176061000",
        "null",
        '"0"',
        '"soon"',
    ),
    *(
        '"1970-01-01T00:00:00Z"',
        '"2008-12-31T23:59:59Z"',
        '"2300-01-01T00:00:00.000000Z"',
        '"2026-13-01T00:00:00Z"',
    ),
)
"""Instants before there was a market, or after now; 1795176061000 is a second too far ahead of `NOON`."""
