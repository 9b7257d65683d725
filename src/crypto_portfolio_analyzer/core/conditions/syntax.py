"""Syntax: what a text says, before anybody asks whether it means something. Every node knows its place."""

from functools import cache
from importlib.resources import files
from typing import TypeAlias

from lark import Lark, Token, Transformer, v_args
from lark.lexer import Lexer
from msgspec import Struct

from crypto_portfolio_analyzer.core.conditions.flaws import Flaw
from crypto_portfolio_analyzer.core.conditions.lexing import KEYWORDS, SIGNS

DEEPEST = 16
LONGEST_CHAIN = 64


class Node(Struct, frozen=True, kw_only=True):
    """A part of a condition in `start`..`end` of its text; `depth` counts the levels below, itself included."""

    start: int
    end: int
    depth: int = 1


class Literal(Node, frozen=True):
    """A number, percentage or duration as it was written."""

    text: str


class Part(Node, frozen=True):
    """One name of a path, with its arguments; `is_text` if it stood in quotes."""

    name: str
    is_text: bool
    arguments: "tuple[Syntax, ...] | None"


class Path(Node, frozen=True):
    """Names joined by dots: a series or function, with subject and output."""

    parts: tuple[Part, ...]


class Group(Node, frozen=True):
    """Something in parentheses."""

    inner: "Syntax"


class On(Node, frozen=True):
    """`inner on timeframe`; `place` is where the timeframe begins."""

    inner: "Syntax"
    timeframe: str
    place: int


class Live(Node, frozen=True):
    """`inner live`."""

    inner: "Syntax"


class Back(Node, frozen=True):
    """`inner[count]`."""

    inner: "Syntax"
    count: Literal


class Minus(Node, frozen=True):
    """`-inner`."""

    inner: "Syntax"


class Operation(Node, frozen=True):
    """`left operator right`, one of + - * /; `links` counts the operators of a chain."""

    operator: str
    left: "Syntax"
    right: "Syntax"
    links: int = 1


class Span(Node, frozen=True):
    """A duration, or a number of bars."""

    length: Literal
    is_bars: bool


class Compared(Node, frozen=True):
    """`left operator right`, a comparison."""

    operator: str
    left: "Syntax"
    right: "Syntax"


class Ranged(Node, frozen=True):
    """`value inside low..high` and its like; `word` is inside, outside, enters or exits."""

    word: str
    value: "Syntax"
    low: "Syntax"
    high: "Syntax"


class Crossed(Node, frozen=True):
    """`left crosses above right`; `side` is above, below or empty."""

    side: str
    left: "Syntax"
    right: "Syntax"


class Moved(Node, frozen=True):
    """`value rises by amount in span`; `word` is rises, falls or moves; a percent sign may stand before the amount."""

    word: str
    value: "Syntax"
    is_percent: bool
    amount: "Syntax"
    span: Span


class Negated(Node, frozen=True):
    """`not inner`."""

    inner: "Syntax"


class Joined(Node, frozen=True):
    """Parts joined by `and` or `or`."""

    word: str
    parts: "tuple[Syntax, ...]"


class Choice(Node, frozen=True):
    """`count of (parts)`."""

    count: Literal
    parts: "tuple[Syntax, ...]"


class Spanned(Node, frozen=True):
    """`inner for span` or `inner within span`."""

    word: str
    inner: "Syntax"
    span: Span


class Sequenced(Node, frozen=True):
    """`first then second`; the trailing `within` is still a part of `second`."""

    first: "Syntax"
    second: "Syntax"


Syntax: TypeAlias = (
    Literal | Path | Group | On | Live | Back | Minus | Operation | Compared | Ranged | Crossed | Moved
    | Negated | Joined | Choice | Spanned | Sequenced
)  # fmt: skip


def _deeper(place: Token | Node, *children: Node) -> int:
    depth = 1 + max(child.depth for child in children)
    if depth > DEEPEST:
        start, end = _place(place)
        raise Flaw(start, end, f"this is nested more than {DEEPEST} deep; say it more simply")
    return depth


def _place(item: Token | Node) -> tuple[int, int]:
    if isinstance(item, Token):
        return item.start_pos or 0, item.end_pos or 0
    return item.start, item.end


def _literal(token: Token) -> Literal:
    start, end = _place(token)
    return Literal(start=start, end=end, text=token.replace(" ", ""))


@v_args(inline=True)
class _Builder(Transformer[Token, Syntax]):
    """Makes nodes of what the grammar recognises, bottom up."""

    def number(self, token: Token) -> Literal:
        return _literal(token)

    def part(self, name: Token, *rest: "Token | Syntax") -> Part:
        arguments = tuple(each for each in rest if isinstance(each, Node))
        start, end = _place(name)
        is_text = name.type == "STRING"
        return Part(
            start=start,
            end=_place(rest[-1])[1] if rest else end,
            depth=_deeper(name, *arguments) if arguments else 1,
            name=name[1:-1] if is_text else str(name),
            is_text=is_text,
            arguments=arguments if rest else None,
        )

    def path(self, *items: Token | Part) -> Path:
        parts = tuple(each for each in items if isinstance(each, Part))
        depth = max(part.depth for part in parts)
        return Path(start=parts[0].start, end=parts[-1].end, depth=depth, parts=parts)

    def group(self, left: Token, inner: Syntax, right: Token) -> Group:
        return Group(start=_place(left)[0], end=_place(right)[1], depth=inner.depth, inner=inner)

    def choice(self, count: Token, *rest: "Token | Syntax") -> Choice:
        parts = tuple(each for each in rest if isinstance(each, Node))
        start, end = _place(count)[0], _place(rest[-1])[1]
        return Choice(start=start, end=end, depth=_deeper(count, *parts), count=_literal(count), parts=parts)

    def on(self, inner: Syntax, _word: Token, timeframe: Token) -> On:
        place, end = _place(timeframe)
        text = str(timeframe)
        return On(start=inner.start, end=end, depth=inner.depth, inner=inner, timeframe=text, place=place)

    def live(self, inner: Syntax, word: Token) -> Live:
        return Live(start=inner.start, end=_place(word)[1], depth=inner.depth, inner=inner)

    def back(self, inner: Syntax, _left: Token, count: Token, right: Token) -> Back:
        end = _place(right)[1]
        return Back(start=inner.start, end=end, depth=inner.depth, inner=inner, count=_literal(count))

    def minus(self, sign: Token, inner: Syntax) -> Minus:
        return Minus(start=_place(sign)[0], end=inner.end, depth=_deeper(sign, inner), inner=inner)

    def operation(self, left: Syntax, sign: Token, right: Syntax) -> Operation:
        # a chain of operators is as deep as its deepest link, not as it is long
        links, below = (left.links + 1, left.depth - 1) if isinstance(left, Operation) else (1, left.depth)
        if links > LONGEST_CHAIN:
            raise Flaw(*_place(sign), f"more than {LONGEST_CHAIN} operators in a row; say it more simply")
        return Operation(
            start=left.start,
            end=right.end,
            depth=max(1 + below, _deeper(sign, right)),
            operator=str(sign),
            left=left,
            right=right,
            links=links,
        )

    def span(self, length: Token, bars: Token | None = None) -> Span:
        start, end = _place(length)[0], _place(bars or length)[1]
        return Span(start=start, end=end, length=_literal(length), is_bars=bars is not None)

    def compared(self, left: Syntax, sign: Token, right: Syntax) -> Compared:
        return self._compared(str(sign), left, right)

    def compared_in_words(self, left: Syntax, word: Token, _than: Token, right: Syntax) -> Compared:
        return self._compared(">" if word.type == "GREATER" else "<", left, right)

    def _compared(self, operator: str, left: Syntax, right: Syntax) -> Compared:
        depth = _deeper(left, left, right)
        return Compared(
            start=left.start, end=right.end, depth=depth, operator=operator, left=left, right=right
        )

    def ranged(self, value: Syntax, word: Token, *rest: "Token | Syntax") -> Ranged:
        low, high = (each for each in rest if isinstance(each, Node))
        meant = {"entering": "enters", "exiting": "exits"}.get(word.lower(), word.lower())
        depth = _deeper(word, value, low, high)
        return Ranged(
            start=value.start, end=high.end, depth=depth, word=meant, value=value, low=low, high=high
        )

    def side(self, word: Token) -> str:
        return "above" if word.type in ("ABOVE", "UP") else "below"

    def crossed(self, left: Syntax, _word: Token, *rest: "str | Syntax") -> Crossed:
        side, right = rest if len(rest) > 1 else ("", rest[0])
        assert isinstance(right, Node)
        depth = _deeper(left, left, right)
        return Crossed(start=left.start, end=right.end, depth=depth, side=str(side), left=left, right=right)

    def moving(self, word: Token, way: Token | None = None) -> str:
        if way is not None:
            return "rises" if way.type == "UP" else "falls"
        return "moves" if word.lower() == "moving" else word.lower()

    def moved(self, value: Syntax, word: str, *rest: "Token | Syntax | Span") -> Moved:
        *_words, amount, _in, span = rest
        assert isinstance(amount, Node)
        assert not isinstance(amount, Span)
        assert isinstance(span, Span)
        is_percent = any(isinstance(each, Token) and each.type == "PERCENT" for each in rest)
        depth = _deeper(value, value, amount)
        return Moved(
            start=value.start,
            end=span.end,
            depth=depth,
            word=word,
            value=value,
            is_percent=is_percent,
            amount=amount,
            span=span,
        )

    def negated(self, word: Token, inner: Syntax) -> Negated:
        return Negated(start=_place(word)[0], end=inner.end, depth=_deeper(word, inner), inner=inner)

    def both(self, *items: "Token | Syntax") -> Joined:
        return self._joined("and", items)

    def either(self, *items: "Token | Syntax") -> Joined:
        return self._joined("or", items)

    def _joined(self, word: str, items: "tuple[Token | Syntax, ...]") -> Joined:
        parts = tuple(each for each in items if isinstance(each, Node))
        depth = _deeper(parts[0], *parts)
        return Joined(start=parts[0].start, end=parts[-1].end, depth=depth, word=word, parts=parts)

    def spanned(self, inner: Syntax, word: Token, span: Span) -> Spanned:
        depth = _deeper(word, inner)
        return Spanned(
            start=inner.start, end=span.end, depth=depth, word=word.lower(), inner=inner, span=span
        )

    def sequence(self, first: Syntax, word: Token, second: Syntax) -> Sequenced:
        depth = _deeper(word, first, second)
        return Sequenced(start=first.start, end=second.end, depth=depth, first=first, second=second)


class _Given(Lexer):
    """Lets the grammar read tokens that are there already."""

    __future_interface__ = 2

    def __init__(self, lexer_conf: object) -> None:
        pass

    def lex(self, lexer_state: object, parser_state: object) -> object:  # type: ignore[override]
        return iter(lexer_state.text)  # type: ignore[attr-defined]


@cache
def grammar() -> Lark:
    """Return the parser, made once from the grammar beside this file."""
    rules = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    terminals = sorted(
        {*KEYWORDS.values(), *SIGNS.values(), "COMPARE", "DURATION", "NUMBER", "STRING", "WORD"}
    )
    declared = f"{rules}\n%declare {' '.join(terminals)}\n"
    return Lark(declared, parser="lalr", lexer=_Given, transformer=_Builder(), maybe_placeholders=False)


def parsed(tokens: list[Token]) -> Syntax:
    """Return what tokens say; raises lark's UnexpectedToken where they say nothing."""
    return grammar().parse(tokens)  # type: ignore[return-value]  # our lexer takes tokens
