"""Lexing: from text to tokens with positions, in one pass and linear time.

Words of the language are keywords in any case, with TradingView's spellings beside ours; behind a dot every word
is a name. Numbers keep the text they were written in; what they are worth is for `literals` to say.
"""

import re
from collections.abc import Iterator

from lark import Token

from crypto_portfolio_analyzer.core.conditions.flaws import Flaw

LONGEST = 512
MOST_OPEN = 32
"""Parentheses open at a time."""
KEYWORDS: dict[str, str] = {
    "and": "AND",
    "or": "OR",
    "not": "NOT",
    "of": "OF",
    "for": "FOR",
    "within": "WITHIN",
    "then": "THEN",
    "on": "ON",
    "live": "LIVE",
    "in": "IN",
    "by": "BY",
    "bar": "BARS",
    "bars": "BARS",
    "crosses": "CROSSES",
    "crossing": "CROSSES",
    "above": "ABOVE",
    "below": "BELOW",
    "up": "UP",
    "down": "DOWN",
    "enters": "RANGE",
    "entering": "RANGE",
    "exits": "RANGE",
    "exiting": "RANGE",
    "inside": "RANGE",
    "outside": "RANGE",
    "channel": "CHANNEL",
    "rises": "MOVES",
    "falls": "MOVES",
    "moves": "MOVES",
    "moving": "MOVES",
    "greater": "GREATER",
    "less": "LESS",
    "than": "THAN",
}
"""Terminals of the grammar by word."""
SIGNS = {
    "(": "LPAR",
    ")": "RPAR",
    "[": "LSQB",
    "]": "RSQB",
    ",": "COMMA",
    ".": "DOT",
    "..": "DOTS",
    "+": "PLUS",
    "-": "MINUS",
    "*": "STAR",
    "/": "SLASH",
    "%": "PERCENT",
}
MEANT = {
    "=": "==", "≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "/", "−": "-", "–": "-", "…": "..",
    "&": "and", "|": "or", "!": "not", "$": "", "€": "", "{": "(", "}": ")", ";": "",
    "“": '"', "”": '"', "„": '"', "'": '"', "\u2018": '"', "’": '"', "«": '"', "»": '"',
}  # fmt: skip
"""What somebody means by a character that is not in the language."""

_QUOTES = "".join(sign for sign, meant in MEANT.items() if meant == '"')
_PIECE = re.compile(
    r"""(?P<space>\s+)
    | (?P<STRING>"[^"\n]*")
    | (?P<number>(?:[0-9]\w*(?:\.[0-9]\w*)?|\.[0-9]\w*)(?:(?<=[eE])[+-][0-9]\w*)?(?:\ ?%)?)
    | (?P<word>[^\W\d]\w*)
    | (?P<COMPARE>[<>]=?|[=!]=)
    | (?P<sign>\.\.|[-+*/()\[\].,%])""",
    re.VERBOSE,
)
_DIGITS = r"[0-9]+(?:_[0-9]+)*"
PLAIN = rf"{_DIGITS}(?:\.{_DIGITS})?(?:[eE][+-]?[0-9]{{1,4}})?[kKM]?"
"""A number without a sign and without a percent sign."""
_NUMBER = re.compile(rf"(?:{PLAIN}|\.{_DIGITS}(?:[eE][+-]?[0-9]{{1,4}})?[kKM]?)(?: ?%)?")
_DURATION = re.compile(rf"{_DIGITS}(?:\.[0-9]+)?[smhHdDwW]")


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of a condition; raises Flaw where a character or text cannot be read."""
    if len(text) > LONGEST:
        raise Flaw(
            LONGEST, len(text), f"a condition has at most {LONGEST} characters; this one has {len(text)}"
        )
    if not text.strip():
        raise Flaw(0, len(text), "a condition is missing; write one, for example price > 50000")
    tokens = list(_tokens(text))
    is_open = 0
    for token in tokens:
        is_open += (token.type == "LPAR") - (token.type == "RPAR")
        if is_open > MOST_OPEN:
            raise Flaw(
                token.start_pos or 0, token.end_pos or 0, f"more than {MOST_OPEN} parentheses are open here"
            )
    return tokens


def _tokens(text: str) -> Iterator[Token]:
    place, before = 0, ""
    while place < len(text):
        match = _PIECE.match(text, place)
        if match is None:
            raise _unreadable(text, place)
        piece, place = match[0], match.end()
        if match.lastgroup == "space":
            continue
        before = _terminal(str(match.lastgroup), piece, before)
        yield Token(before, piece, match.start(), end_pos=place)


def _terminal(group: str, piece: str, before: str) -> str:
    if group == "word":
        return "WORD" if before == "DOT" else KEYWORDS.get(piece.lower(), "WORD")
    if group == "number":
        if _DURATION.fullmatch(piece):
            return "DURATION"
        return "NUMBER" if _NUMBER.fullmatch(piece) else "WORD"  # 1INCH is a name
    return SIGNS[piece] if group == "sign" else group


def _unreadable(text: str, place: int) -> Flaw:
    sign = text[place]
    if sign == '"':
        return Flaw(
            place, len(text), 'a text that begins here never ends; close it with "', text[place:] + '"'
        )
    meant = MEANT.get(sign)
    if meant is None:
        return Flaw(place, place + 1, f"{sign!r} has no meaning in a condition; leave it out")
    end = place + 2 if text[place : place + 2] in ("&&", "||") else place + 1
    if not meant:
        return Flaw(place, end, f"numbers are written without {sign!r}; leave it out", "")
    if meant == '"':
        return Flaw(place, end, 'texts stand in straight double quotes: "', meant, everywhere=_QUOTES)
    return Flaw(place, end, f"write {meant!r} instead of {text[place:end]!r}", meant)
