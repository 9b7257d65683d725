"""YAML from anybody: plain values with their places, bounded in size and depth, without aliases and types."""

from typing import Any

import yaml
from msgspec import Struct

from crypto_portfolio_analyzer.errors import Fault, InvalidFields

MOST_BYTES = 5_000_000
MOST_DEPTH = 6
"""The deepest a file of alerts goes is 4; the scanner's time grows with the square of the depth."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where libyaml is built in
_OPENING = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSING = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


class Place(Struct, frozen=True):
    """Where something stands in a file, both counted from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


class PlacedValue(Struct):
    """What a file holds: mappings, lists, texts, numbers, instants; and where, by path such as `alerts[0].name`."""

    value: Any
    places: dict[str, Place]

    def place(self, path: str) -> Place:
        """Return where a path stands, or the nearest thing around it."""
        while path and path not in self.places:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.places.get(path, Place(1, 1))


def read_yaml(data: bytes) -> PlacedValue:
    """Read one document.

    Raises:
        InvalidFields: it is too large, no YAML, or uses what has no place here; names line and column.

    """
    if len(data) > MOST_BYTES:
        raise _refused(Place(1, 1), f"{len(data):,} bytes are too many", f"split it; {MOST_BYTES:,} will do")
    try:
        text = data.decode("utf-8-sig")
        _guard(text)
        node = yaml.compose(text, Loader=_LOADER)
    except UnicodeDecodeError as error:
        place = Place(data[: error.start].count(b"\n") + 1, 1)
        raise _refused(place, "is no text", "save the file in UTF-8") from error
    except yaml.reader.ReaderError as error:
        place = Place(text[: error.position].count("\n") + 1, 1)
        raise _refused(place, "holds a control character", "remove it") from error
    except yaml.MarkedYAMLError as error:
        raise _refused(_place(error.problem_mark), f"is no YAML: {error.problem}", _remedy(error)) from error
    walk = _Walk()
    value = walk.value(node, "") if node is not None else None
    if walk.faults:
        raise InvalidFields(walk.faults)
    return PlacedValue(value, walk.places)


def _guard(text: str) -> None:
    """Refuse what could cost more than its size, before anything is built of it."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, _OPENING) - isinstance(event, _CLOSING)
        documents += isinstance(event, yaml.DocumentStartEvent)
        place = _place(event.start_mark)
        if depth > MOST_DEPTH:
            raise _refused(place, "is nested too deep", "an alert file is a list of alerts with plain fields")
        if documents > 1:
            raise _refused(place, "begins a second document", "put all alerts under one 'alerts:'")
        if getattr(event, "anchor", None) is not None:
            raise _refused(place, "is an anchor or an alias", "write the value out")
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise _refused(place, f"has the type {str(tag)[:40]!r}", "write a plain value")


class _Walk:
    """One way through the nodes, collecting places and faults."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self.faults: list[Fault] = []
        self._constructor = yaml.constructor.SafeConstructor()

    def value(self, node: Any, path: str) -> Any:
        self.places.setdefault(path, _place(node.start_mark))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, f"{path}[{number}]") for number, each in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: Any, path: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            place = _place(key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                self._fault(place, path, "has a key that is no name", "write name: value")
                continue
            inner = f"{path}.{key.value[:40]}" if path else key.value[:40]
            if key.value in found:
                self._fault(place, inner, "stands here a second time", "keep one of the two")
                continue
            self.places[inner] = place
            found[key.value] = self.value(value, inner)
        return found

    def _scalar(self, node: Any, path: str) -> Any:
        try:
            return self._constructor.construct_object(node)
        except (ValueError, OverflowError, yaml.YAMLError):
            place = self.places[path]
            self._fault(
                place, path, f"{node.value[:40]!r} cannot be read", "put it in quotes if it is a text"
            )
            return None

    def _fault(self, place: Place, path: str, problem: str, remedy: str) -> None:
        self.faults.append(Fault(f"{place}: {path}" if path else str(place), problem, remedy))


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark is not None else Place(1, 1)


def _remedy(error: yaml.MarkedYAMLError) -> str:
    if error.problem and "mapping values" in error.problem:
        return "put a text that holds ': ' in quotes"
    if error.problem and "cannot start any token" in error.problem:
        return "indent with spaces, and put a text that begins with a sign in quotes"
    return f"{error.context}, it must end before" if error.context else "look at the line above it too"


def _refused(place: Place, problem: str, remedy: str) -> InvalidFields:
    return InvalidFields([Fault(str(place), problem, remedy)])
