"""Explaining: what somebody probably meant by a word or sign that cannot stand where it stands."""

import re
from collections.abc import Iterable

from lark import Token
from lark.exceptions import UnexpectedToken

from crypto_portfolio_analyzer.core.conditions.flaws import Flaw, listed, nearest
from crypto_portfolio_analyzer.core.conditions.lexing import KEYWORDS, SIGNS
from crypto_portfolio_analyzer.core.conditions.names import Catalogue, UnknownWord, vocabulary
from crypto_portfolio_analyzer.core.series.catalog import ParameterKind
from crypto_portfolio_analyzer.core.symbols import QUOTES

_AFTER_CROSSES = "after 'crosses' comes 'above' or 'below', or a value"
_NUMBERS = "write a number like 50000, 50_000, 50k, 2M, 1.5e-8, 5% or a duration like 30s"
_STARTS = {"NUMBER", "WORD", "STRING"}
_SAYABLE = (
    "COMPARE",
    "CROSSES",
    "RANGE",
    "MOVES",
    "AND",
    "OR",
    "THEN",
    "FOR",
    "WITHIN",
    "ON",
    "OF",
    "IN",
    "BY",
)
_WORDS = {
    "COMPARE": "a comparison such as >",
    "RANGE": "'inside'",
    "MOVES": "'rises'",
    **{
        terminal: f"'{word}'"
        for word, terminal in reversed(KEYWORDS.items())
        if terminal not in ("RANGE", "MOVES")
    },
    **{terminal: f"'{sign}'" for sign, terminal in SIGNS.items()},
    "DURATION": "a duration such as 15m",
}
_SHOWN = 5


def unknown(word: UnknownWord, tokens: list[Token], catalogue: Catalogue) -> Flaw:
    """Return the flaw of a word that stands for nothing, in the light of the word before."""
    if word.word[:1].isdigit():
        return Flaw(word.start, word.end, f"{word.word!r} is no number; {_NUMBERS}")
    before = [token.type for token in tokens if (token.end_pos or 0) <= word.start]
    if before[-1:] == ["CROSSES"]:
        meant = nearest(word.word, [*vocabulary(catalogue), "above", "below"])
        return Flaw(word.start, word.end, f"unknown word {word.word!r}; {_AFTER_CROSSES}", meant)
    return word


def unexpected(error: UnexpectedToken, tokens: list[Token], text: str, catalogue: Catalogue) -> Flaw:
    """Return the flaw of a token that the grammar has no place for."""
    place = next((place for place, token in enumerate(tokens) if token is error.token), len(tokens))
    before = tokens[place - 1] if place else None
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    if place == len(tokens):
        return _too_early(error, tokens, text, catalogue)
    token = tokens[place]
    return (
        _comma(before, token, after)
        or _misspelled(before, tokens, place - 1, catalogue)
        or _argument(before, token, catalogue)
        or _word(error, before, token, catalogue)
        or _sign(tokens, place)
        or Flaw(*_where(token), f"{str(token)!r} cannot stand here; {_expected(error, before)}")
    )


def _where(token: Token) -> tuple[int, int]:
    return token.start_pos or 0, token.end_pos or 0


def _too_early(error: UnexpectedToken, tokens: list[Token], text: str, catalogue: Catalogue) -> Flaw:
    end = len(text.rstrip())
    if "RPAR" in error.accepts:
        return Flaw(end, end, "a ')' is missing here", ")")
    last = tokens[-1]
    return _misspelled(last, tokens, len(tokens) - 1, catalogue) or Flaw(
        end, end, f"the condition ends too early; {_expected(error, last)}"
    )


def _comma(before: Token | None, token: Token, after: Token | None) -> Flaw | None:
    """Explain a comma inside of a number, which may be decimal or separate thousands."""
    if token.type != "COMMA" or before is None or after is None or {before.type, after.type} != {"NUMBER"}:
        return None
    start, end = before.start_pos or 0, after.end_pos or 0
    whole, part = before.replace(".", ""), str(after)
    if re.fullmatch(r"[0-9]{3}", part) and before != "0" and "." not in before:
        problem = f"a comma is no part of a number; write {whole}{part} or {whole}.{part}"
        return Flaw(start, end, problem)
    return Flaw(start, end, "decimals stand behind a point, not a comma", f"{whole}.{part}")


def _misspelled(before: Token | None, tokens: list[Token], place: int, catalogue: Catalogue) -> Flaw | None:
    """Explain what cannot follow by the word before it, if that stands for nothing."""
    if before is None or before.type != "WORD" or (place and tokens[place - 1].type == "DOT"):
        return None
    name = before.lower()
    known = vocabulary(catalogue)
    if name in known or any(each.startswith(f"{name}.") for each in known):
        return None
    start, end = _where(before)
    if name[:1].isdigit():
        return Flaw(start, end, f"{str(before)!r} is no number; {_NUMBERS}")
    if place and tokens[place - 1].type == "CROSSES":
        meant = nearest(name, ["above", "below", *known])
        return Flaw(start, end, f"unknown word {str(before)!r}; {_AFTER_CROSSES}", meant)
    meant = nearest(name, [*known, *KEYWORDS])
    hint = f"; did you mean {meant!r}?" if meant else ""
    return Flaw(start, end, f"unknown word {str(before)!r}{hint}", meant)


def _argument(before: Token | None, token: Token, catalogue: Catalogue) -> Flaw | None:
    """Explain a parameter without parentheses: `rsi 14`."""
    if before is None or before.type != "WORD" or token.type != "NUMBER" or before.lower() not in catalogue:
        return None
    kinds = [parameter.kind for parameter in catalogue[before.lower()].parameters]
    if ParameterKind.COUNT not in kinds and ParameterKind.NUMBER not in kinds:
        return None
    start, end = before.start_pos or 0, token.end_pos or 0
    return Flaw(start, end, f"parameters stand in parentheses: {before}({token})", f"{before}({token})")


def _word(error: UnexpectedToken, before: Token | None, token: Token, catalogue: Catalogue) -> Flaw | None:
    start, end = _where(token)
    if token.type in ("ABOVE", "BELOW"):
        sign = ">" if token.type == "ABOVE" else "<"
        problem = f"'{token}' goes with 'crosses'; for a level write {sign}"
        return Flaw(start, end, problem, sign)
    if token.type != "WORD":
        return None
    if before is not None and before.type == "NUMBER" and token.upper() in QUOTES:
        problem = f"leave {str(token)!r} out; a number counts in the unit of what it is compared with"
        return Flaw(before.end_pos or 0, end, problem, "")
    meant = nearest(token, [word for word, terminal in KEYWORDS.items() if terminal in error.accepts])
    if meant is not None and token.lower() not in catalogue:
        return Flaw(start, end, f"unknown word {str(token)!r}; did you mean {meant!r}?", meant)
    return Flaw(start, end, f"{str(token)!r} cannot stand here; {_expected(error, before)}")


def _sign(tokens: list[Token], place: int) -> Flaw | None:
    token = tokens[place]
    earlier = [each.type for each in tokens[:place]]
    if token.type == "RPAR" and earlier.count("LPAR") == earlier.count("RPAR"):
        return Flaw(*_where(token), "this ')' closes nothing", "")
    if token.type == "COMPARE" and "COMPARE" in earlier:
        return Flaw(*_where(token), "two values are compared at a time; join two comparisons with 'and'")
    return None


def _expected(error: UnexpectedToken, before: Token | None) -> str:
    accepted = error.accepts
    can_be = ["a value"] if accepted >= _STARTS else ["a name"] if "WORD" in accepted else []
    needless = {*SIGNS.values(), "DURATION"} if can_be else set()
    can_be += [_WORDS[each] for each in _in_order(accepted) if each not in needless]
    where = f"after {str(before)!r} comes" if before is not None else "a condition begins with"
    return f"{where} {listed(can_be[:_SHOWN])}" if can_be else "leave it out"


def _in_order(accepted: Iterable[str]) -> list[str]:
    found = set(accepted) & _WORDS.keys()
    first = [each for each in _SAYABLE if each in found]
    return first + sorted(found - set(first) - {"NOT", "NUMBER", "LIVE", "CHANNEL"})
