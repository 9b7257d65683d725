"""Editing: what an editor of conditions asks for – completions at a cursor, help with parameters, every series."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from lark import Token
from lark.exceptions import UnexpectedToken
from msgspec import Struct

from crypto_portfolio_analyzer.core.conditions import syntax
from crypto_portfolio_analyzer.core.conditions.arguments import signature
from crypto_portfolio_analyzer.core.conditions.flaws import Flaw
from crypto_portfolio_analyzer.core.conditions.lexing import KEYWORDS, tokens_of
from crypto_portfolio_analyzer.core.conditions.names import FAMILY, FUNCTIONS, WINDOWS, Catalogue
from crypto_portfolio_analyzer.core.series.catalog import SERIES, Parameter, ParameterKind, SeriesKind
from crypto_portfolio_analyzer.core.timeframes import COMMON
from crypto_portfolio_analyzer.errors import UnknownName

OPERATORS = (">", ">=", "<", "<=", "==", "!=")


class Completion(Struct, frozen=True):
    """A word that may stand in `start`..`end`; `kind` is series, function, output, keyword, timeframe or name."""

    text: str
    kind: str
    start: int
    end: int
    about: str = ""


class Signature(Struct, frozen=True):
    """What the parentheses around a cursor take; `active` is the place of the parameter at the cursor, if any."""

    label: str
    parameters: tuple[str, ...]
    active: int | None
    about: str


def completions(
    text: str, cursor: int, language: str = "en", catalogue: Catalogue = SERIES
) -> list[Completion]:
    """Return what may stand at a cursor (0-based), beginning with what is written there already."""
    before = text[:cursor]
    if before.count('"') % 2:
        return _names(before, catalogue)
    start = cursor
    while start and (before[start - 1].isalnum() or before[start - 1] == "_"):
        start -= 1
    try:
        tokens = list(tokens_of(before[:start])) if before[:start].strip() else []
    except Flaw:
        return []
    written = before[start:].lower()
    found = _candidates(tokens, language, catalogue)
    return [
        Completion(word, kind, start, cursor, about)
        for word, kind, about in found
        if word.lower().startswith(written)
    ]


def signature_help(
    text: str, cursor: int, language: str = "en", catalogue: Catalogue = SERIES
) -> Signature | None:
    """Return what the innermost open parentheses before a cursor take; None outside of any series' own."""
    before = text[:cursor]
    if before.count('"') % 2:
        before += '"'
    try:
        tokens = tokens_of(before)
    except Flaw:
        return None
    place, commas = _open_parenthesis(tokens)
    kind = _kind_at(tokens, place, catalogue) if place else None
    if kind is None:
        return None
    named = int(":" in kind.name)
    first = tokens[place + 1 + 2 * named :][:1]
    has_source = bool(kind.parameters) and kind.parameters[0].kind is ParameterKind.SERIES
    is_skipped = has_source and any(token.type == "NUMBER" for token in first)
    active = commas + is_skipped - named
    names = tuple(parameter.name for parameter in kind.parameters)
    is_known = 0 <= active < len(names)
    return Signature(signature(kind), names, active if is_known else None, _in(language, kind.about))


def describe_series(catalogue: Catalogue = SERIES) -> list[dict[str, Any]]:
    """Return every series as plain JSON: parameters, outputs with unit and bounds, and what it is, by language."""
    return [_described(catalogue[name]) for name in catalogue.names()]


def _described(kind: SeriesKind) -> dict[str, Any]:
    return {
        "name": kind.name,
        "family": kind.family,
        "domain": kind.domain.value,
        "signature": signature(kind),
        "parameters": [_parameter(each) for each in kind.parameters],
        "outputs": [
            {"name": each.name, "unit": each.unit.value, "low": _bound(each.low), "high": _bound(each.high)}
            for each in kind.outputs
        ],
        "summary": dict(kind.summary),
        "about": dict(kind.about),
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    is_number = parameter.kind in (ParameterKind.COUNT, ParameterKind.NUMBER)
    return {
        "name": parameter.name,
        "kind": parameter.kind.value,
        "default": parameter.default,
        "least": parameter.least if is_number else None,
        "most": parameter.most if is_number else None,
        "choices": list(parameter.choices),
    }


def _bound(bound: float) -> float | None:
    return bound if math.isfinite(bound) else None


def _in(language: str, texts: Any) -> str:
    return str(texts.get(language, texts["en"]))


Candidate = tuple[str, str, str]


def _candidates(tokens: Sequence[Token], language: str, catalogue: Catalogue) -> Iterable[Candidate]:
    """Yield the words that may follow tokens, with their kinds and what they are."""
    last = tokens[-1].type if tokens else ""
    if last == "DOT":
        yield from _members(_path_before(tokens), language, catalogue)
        return
    if last == "ON":
        yield from ((name, "timeframe", "") for name in COMMON)
        return
    accepted = _accepted(tokens)
    if "WORD" in accepted:
        for name in catalogue.names():
            yield name, "series", _in(language, catalogue[name].about)
        yield from ((name, "function", "") for name in (*FUNCTIONS, *WINDOWS))
    yield from ((word, "keyword", "") for word, terminal in KEYWORDS.items() if terminal in accepted)
    if "COMPARE" in accepted:
        yield from ((each, "keyword", "") for each in OPERATORS)


def _accepted(tokens: Sequence[Token]) -> set[str]:
    parser = syntax.grammar().parse_interactive()
    try:
        for token in tokens:
            parser.feed_token(token)
    except (Flaw, UnexpectedToken):
        return set()
    accepted: set[str] = parser.accepts()  # type: ignore[no-untyped-call]
    return accepted


def _path_before(tokens: Sequence[Token]) -> list[Token]:
    """Return the names of the path that ends with a dot, without their arguments."""
    names: list[Token] = []
    place = len(tokens) - 1
    while place > 0 and tokens[place].type == "DOT":
        place -= 1
        if tokens[place].type == "RPAR":
            place = _opening(tokens, place) - 1
        if place < 0 or tokens[place].type not in ("WORD", "STRING"):
            return []
        names.insert(0, tokens[place])
        place -= 1
    return names


def _opening(tokens: Sequence[Token], place: int) -> int:
    depth = 0
    for back in range(place, -1, -1):
        depth += (tokens[back].type == "RPAR") - (tokens[back].type == "LPAR")
        if depth == 0:
            return back
    return 0


def _members(path: Sequence[Token], language: str, catalogue: Catalogue) -> Iterable[Candidate]:
    """Yield outputs of the series a path names, the rest of dotted names, and for a symbol every series."""
    for begin in range(len(path)):
        own = path[begin:]
        name = ".".join(own).lower()
        if name in catalogue:
            yield from ((each.name, "output", "") for each in catalogue[name].outputs if each.name)
            return
        longer = [each for each in catalogue.names() if each.startswith(f"{name}.")]
        if longer:
            for each in longer:
                yield each.removeprefix(f"{name}."), "series", _in(language, catalogue[each].about)
            return
    for each in catalogue.names():
        yield each, "series", _in(language, catalogue[each].about)


def _open_parenthesis(tokens: Sequence[Token]) -> tuple[int, int]:
    """Return the place of the innermost open parenthesis and how many commas stand in it; (0, 0) if none is open."""
    depth = commas = 0
    for place in range(len(tokens) - 1, -1, -1):
        kind = tokens[place].type
        depth += (kind == "RPAR") - (kind == "LPAR")
        if depth < 0:
            return place, commas
        commas += kind == "COMMA" and depth == 0
    return 0, 0


def _kind_at(tokens: Sequence[Token], place: int, catalogue: Catalogue) -> SeriesKind | None:
    """Return the series whose parenthesis stands at a place."""
    if tokens[place - 1].type != "WORD":
        return None
    path = [*_path_before(tokens[: place - 1]), tokens[place - 1]]
    for begin in range(len(path)):
        name = ".".join(path[begin:]).lower()
        if name == FAMILY and place + 1 < len(tokens) and tokens[place + 1].type == "STRING":
            return _of_family(tokens[place + 1].strip('"'), catalogue)
        if name in catalogue:
            return catalogue[name]
    return None


def _of_family(function: str, catalogue: Catalogue) -> SeriesKind:
    try:
        return catalogue[f"{FAMILY}:{function.upper()}"]
    except UnknownName:
        return catalogue[FAMILY]


def _names(before: str, catalogue: Catalogue) -> list[Completion]:
    """Return the names that a text which is being written may become."""
    start = before.rindex('"') + 1
    try:
        tokens = tokens_of(before + '"')
    except Flaw:
        return []
    place, commas = _open_parenthesis(tokens)
    kind = _kind_at(tokens[: place + 1], place, catalogue) if place else None
    parameter = kind.parameters[commas] if kind is not None and commas < len(kind.parameters) else None
    written = before[start:].lower()
    choices = parameter.choices if parameter is not None else ()
    return [
        Completion(each, "name", start, len(before)) for each in choices if each.lower().startswith(written)
    ]
