"""Names: what the words of a path stand for – subject, series or function, output – and what was probably meant."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from crypto_portfolio_analyzer.core.conditions.flaws import Flaw, listed, nearest
from crypto_portfolio_analyzer.core.conditions.syntax import Part, Path, Syntax
from crypto_portfolio_analyzer.core.series.catalog import SeriesKind
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.errors import InvalidSymbol, UnknownName

FUNCTIONS = ("abs", "min", "max")
WINDOWS = ("highest", "lowest", "avg", "sum", "stdev", "change", "percent_change")
FAMILY = "talib"
"""`talib("RSI", 14)` is the kind `talib:RSI` with its own parameters."""
_NO_NUMBERS = {"nan", "inf", "infinity"}


class Catalogue(Protocol):
    """The series there are, by name."""

    def __contains__(self, name: object) -> bool: ...

    def __getitem__(self, name: str) -> SeriesKind:
        """Return a kind; raises UnknownName."""
        ...

    def names(self) -> list[str]:
        """Return every name."""
        ...


class UnknownWord(Flaw):
    """A word that stands for nothing; what may stand there depends on what stands before."""

    def __init__(self, part: Part, known: Iterable[str]) -> None:
        self.word = part.name
        self.end_of_word = part.start + len(part.name) + 2 * part.is_text
        meant = nearest(part.name, known)
        hint = f"; did you mean {meant!r}?" if meant else ""
        super().__init__(part.start, self.end_of_word, f"unknown word {part.name!r}{hint}", meant)


class Named(NamedTuple):
    """A path that is understood: `word` is a function or kind, `part` where its arguments are."""

    word: str
    part: Part
    subject: str | None
    output: Part | None


def named(path: Path, catalogue: Catalogue) -> Named:
    """Return what a path stands for; raises Flaw."""
    head, rest = path.parts[0], path.parts[1:]
    if head.is_text:
        if not rest:
            problem = f'"{head.name}" is a text; behind it comes a series: "{head.name}".price'
            raise Flaw(head.start, head.end, problem)
        return _of_subject(head, rest, catalogue)
    found = _matched(path.parts, catalogue)
    if found is not None and found[1] is head and rest and _is_symbol(head, rest[0], catalogue):
        return _of_subject(head, rest, catalogue)
    if found is not None:
        return Named(*found, None, *_outputs(path.parts, found))
    if rest and head.arguments is None and (_matched(rest, catalogue) or head.name.isupper()):
        return _of_subject(head, rest, catalogue)
    if head.name.lower() in _NO_NUMBERS:
        raise Flaw(head.start, head.end, f"nothing can be compared with {head.name!r}; write a number")
    raise UnknownWord(head, vocabulary(catalogue))


def _is_symbol(head: Part, part: Part, catalogue: Catalogue) -> bool:
    """Tell whether a series' name is a symbol here: `OPEN.price`, for `open` has no such output."""
    word = head.name.lower()
    is_output = word in catalogue and catalogue[word].output(part.name.lower()) is not None
    return head.arguments is None and not is_output and _matched([part], catalogue) is not None


def vocabulary(catalogue: Catalogue) -> list[str]:
    """Return every word a value may begin with."""
    return [*catalogue.names(), *FUNCTIONS, *WINDOWS]


def kind_of(found: Named, catalogue: Catalogue) -> tuple[SeriesKind, tuple[Syntax, ...]]:
    """Return the kind a word stands for and its arguments; raises Flaw for an unknown TA-Lib function."""
    arguments = found.part.arguments or ()
    if found.word != FAMILY or not arguments:
        return catalogue[found.word], arguments
    function, *own = arguments
    name = text_of(function)
    if name is None:
        raise Flaw(function.start, function.end, 'talib takes a function by name: talib("RSI", 14)')
    try:
        return catalogue[f"{FAMILY}:{name.upper()}"], tuple(own)
    except UnknownName as error:
        hint = f"; did you mean {error.nearest!r}?" if error.nearest else ""
        instead = f'"{error.nearest}"' if error.nearest else None
        raise Flaw(function.start, function.end, f"TA-Lib has no function {name!r}{hint}", instead) from None


def text_of(node: Syntax) -> str | None:
    """Return the text of a lone string or word; None for anything else."""
    if isinstance(node, Path) and len(node.parts) == 1 and node.parts[0].arguments is None:
        return node.parts[0].name
    return None


def output_of(kind: SeriesKind, part: Part | None) -> str:
    """Return the output of a kind that a part asks for, the first one if there is none; raises Flaw."""
    if part is None:
        return kind.outputs[0].name if len(kind.outputs) > 1 else ""
    known = [each.name for each in kind.outputs if each.name]
    name = part.name.lower()
    if part.arguments is not None:
        raise Flaw(part.start, part.end, f"'{part.name}' takes nothing; write parameters behind {kind.name}")
    if name in known:
        return name if len(kind.outputs) > 1 else ""
    meant = nearest(name, known)
    gives = f"it gives {listed(known, 'and')}" if known else "it gives one number, without a name"
    raise Flaw(part.start, part.end, f"{kind.name} has no '{part.name}'; {gives}", meant)


def subject_of(part: Part) -> str:
    """Return the canonical symbol that a part names; raises Flaw."""
    try:
        return parse_symbol(part.name).canonical()
    except InvalidSymbol as error:
        raise Flaw(part.start, part.end, str(error)) from None


def _of_subject(head: Part, rest: Sequence[Part], catalogue: Catalogue) -> Named:
    found = _matched(rest, catalogue)
    if found is None:
        raise UnknownWord(rest[0], vocabulary(catalogue))
    return Named(*found, subject_of(head), *_outputs(rest, found))


def _matched(parts: Sequence[Part], catalogue: Catalogue) -> tuple[str, Part] | None:
    """Return the longest dotted name that is known, and its last part."""
    for count in range(len(parts), 0, -1):
        head = parts[:count]
        name = ".".join(part.name for part in head).lower()
        is_plain = all(part.arguments is None for part in head[:-1]) and not any(
            part.is_text for part in head
        )
        if is_plain and (name in catalogue or name in FUNCTIONS or name in WINDOWS):
            return name, head[-1]
    return None


def _outputs(parts: Sequence[Part], found: tuple[str, Part]) -> tuple[Part | None]:
    rest = parts[parts.index(found[1]) + 1 :]
    if len(rest) > 1:
        raise Flaw(rest[1].start, rest[-1].end, f"nothing can stand behind '.{rest[0].name}'")
    return (rest[0] if rest else None,)
