r"""Templates: the owner's text with names in double braces, and nothing but names.

`{{alert.name}}` is replaced by what the name stands for; there are no attributes, formats, calculations or calls
that a template could reach further with. Two names take one text, as TradingView writes it: `{{plot("rsi(14)")}}`.
A template that is JSON stays JSON, whatever is filled in.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

from crypto_portfolio_analyzer.core.formats import UNKNOWN
from crypto_portfolio_analyzer.core.notices.markup import Escape, plain
from crypto_portfolio_analyzer.core.notices.placeholders import NAMED, PLACEHOLDERS
from crypto_portfolio_analyzer.errors import Fault, InvalidFields, UnknownName

LONGEST = 4000
"""Characters of a template."""
_SLOT = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][\w.]*", re.ASCII)
_CALL = re.compile(r"([a-z.]+)\(\s*\\?\"([^\"\\]{1,200})\\?\"\s*\)")
_LITERAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|true|false")
_STRING_EDGE = re.compile(r"\\.|\"", re.DOTALL)
_SHOWN = 40


class Slot(Struct, frozen=True):
    """A place to fill: `key` is its name, with the text it takes, if any; within a JSON string or not."""

    key: str
    is_quoted: bool = False


class Template(Struct, frozen=True):
    """A template that can be filled: texts and slots in their order."""

    parts: tuple[str | Slot, ...]
    is_json: bool = False

    @classmethod
    def read(
        cls, text: str, path: str = "template", *, operands: Collection[str] | None = None
    ) -> "Template":
        """Return the template of a text; `operands` are the values that its condition has, if that is known.

        Raises InvalidFields with every name that means nothing, where it stands and what was probably meant.
        """
        faults = list(_faults(text, path, operands))
        if faults:
            raise InvalidFields(faults)
        is_json = _is_json(text)
        return cls(tuple(_parts(text, is_json=is_json)), is_json)

    @property
    def keys(self) -> tuple[str, ...]:
        """Return what the template asks for."""
        return tuple(dict.fromkeys(part.key for part in self.parts if isinstance(part, Slot)))

    def fill(self, values: Mapping[str, str | None], escape: Escape = plain) -> str:
        """Return the text with every slot filled; None is what is not known: a dash, in JSON null."""
        write = (
            _json_text if self.is_json else lambda _slot, value: escape(UNKNOWN if value is None else value)
        )
        return "".join(
            part if isinstance(part, str) else write(part, values[part.key]) for part in self.parts
        )


def _faults(text: str, path: str, operands: Collection[str] | None) -> Iterator[Fault]:
    if len(text) > LONGEST:
        yield Fault(path, f"has {len(text)} characters", f"at most {LONGEST} can be kept")
        return
    end = 0
    for slot in _SLOT.finditer(text):
        end = slot.end()
        yield from _fault_of(slot[1].strip(), f"at character {slot.start() + 1}", path, operands)
    if "{{" in text[end:]:
        place = text.index("{{", end) + 1
        yield Fault(path, f"the braces at character {place} are not closed", "write }} behind the name")


def _fault_of(inner: str, where: str, path: str, operands: Collection[str] | None) -> Iterator[Fault]:
    call = _CALL.fullmatch(inner)
    if call and call[1] in NAMED:
        if operands is not None and call[2] not in operands:
            yield Fault(path, f"{where}: {_unknown('value', call[2], operands)}")
    elif inner.startswith("strategy."):
        problem = f"{where}: there is no strategy here whose orders {inner[:_SHOWN]!r} could tell of"
        yield Fault(path, problem, "write the order itself, or make one alert for each side")
    elif not _NAME.fullmatch(inner):
        remedy = "only names can stand in double braces: no calculations, formats or calls"
        yield Fault(path, f"{where}: {inner[:_SHOWN]!r} is no name", remedy)
    elif inner not in PLACEHOLDERS:
        yield Fault(
            path, f"{where}: {_unknown('name', inner, PLACEHOLDERS)}", "see the reference of templates"
        )


def _unknown(kind: str, name: str, known: Collection[str]) -> str:
    """Say that a name is unknown, with the nearest one; all the known ones would be too many."""
    nearest = UnknownName(kind, name, known).nearest
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    return f"unknown {kind} {name[:_SHOWN]!r}{hint}"


def _parts(text: str, *, is_json: bool) -> Iterator[str | Slot]:
    end, is_quoted = 0, False
    for slot in _SLOT.finditer(text):
        before = text[end : slot.start()]
        if is_json:
            is_quoted ^= sum(edge[0] == '"' for edge in _STRING_EDGE.finditer(before)) % 2 == 1
        if before:
            yield before
        yield Slot(_key(slot[1].strip()), is_quoted)
        end = slot.end()
    if text[end:]:
        yield text[end:]


def _key(inner: str) -> str:
    call = _CALL.fullmatch(inner)
    return f'{call[1]}("{call[2]}")' if call else inner


def _is_json(text: str) -> bool:
    sample = _SLOT.sub("0", text)
    if not sample.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(sample)
    except (ValueError, RecursionError):
        return False
    return True


def _json_text(slot: Slot, value: str | None) -> str:
    if slot.is_quoted:
        return json.dumps(value or "", ensure_ascii=False)[1:-1]
    if value is None:
        return "null"
    return value if _LITERAL.fullmatch(value) else json.dumps(value, ensure_ascii=False)
