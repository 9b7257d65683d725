"""What every channel for people may be asked for: language, zone, theme, quiet hours, grouping, wording, picture."""

from collections.abc import Callable, Mapping
from datetime import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crypto_portfolio_analyzer.core.notices.templates import Template
from crypto_portfolio_analyzer.errors import Fault, InvalidFields

Read = Callable[[str, object, list[Fault]], object]


def _choice(*choices: str) -> Read:
    def read(name: str, value: object, faults: list[Fault]) -> object:
        if value not in choices:
            faults.append(
                Fault(name, f"{str(value)[:40]!r} is none of its values", f"one of {', '.join(choices)}")
            )
        return value

    return read


def _switch(name: str, value: object, faults: list[Fault]) -> object:
    known = {True: "on", False: "off", "on": "on", "off": "off"}
    if not isinstance(value, bool | str) or value not in known:
        faults.append(Fault(name, f"{str(value)[:40]!r} is neither", "on or off"))
        return "off"
    return known[value]


def _flag(name: str, value: object, faults: list[Fault]) -> object:
    return _switch(name, value, faults) == "on"


def _zone(name: str, value: object, faults: list[Fault]) -> object:
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.append(
            Fault(name, f"{str(value)[:40]!r} is no time zone", "a name like Europe/Berlin, or UTC")
        )
    return value


def _template(name: str, value: object, faults: list[Fault]) -> object:
    if not isinstance(value, str):
        faults.append(Fault(name, "is no text", "a text with names in double braces"))
        return ""
    try:
        Template.read(value, name)
    except InvalidFields as error:
        faults += error.faults
    return value


def _quiet_hours(name: str, value: object, faults: list[Fault]) -> object:
    remedy = 'like {"from": "22:00", "until": "07:00", "except": "critical"}'
    if not isinstance(value, Mapping) or not {"from", "until"} <= value.keys() <= {"from", "until", "except"}:
        faults.append(Fault(name, "is no pair of times", remedy))
        return None
    hours = {"except": "critical", **value}
    faults += [
        Fault(f"{name}.{part}", f"{str(hours[part])[:40]!r} is no time of day", remedy)
        for part in ("from", "until")
        if not _is_time(hours[part])
    ]
    if hours["from"] == hours["until"]:
        faults.append(Fault(name, "begin when they end", "switch the channel off instead"))
    _choice("critical", "none")(f"{name}.except", hours["except"], faults)
    return hours


def _is_time(value: object) -> bool:
    if not isinstance(value, str) or len(value) != 5:
        return False
    try:
        time.fromisoformat(value)
    except ValueError:
        return False
    return True


PEOPLE: Mapping[str, Read] = {
    "language": _choice("en", "de"),
    "zone": _zone,
    "theme": _choice("light", "dark"),
    "quiet_hours": _quiet_hours,
    "group": _choice("auto", "off"),
    "template": _template,
    "picture": _switch,
    "inhibit": _flag,
}
PROGRAMS: Mapping[str, Read] = {name: PEOPLE[name] for name in ("language", "zone", "template")}
"""What programs have of it: a template of their own, and how `told.*` in it is written."""


def read_preferences(
    given: Mapping[str, object], *, for_people: bool, faults: list[Fault]
) -> dict[str, object]:
    """Return those of the given options that are in PEOPLE, each checked; adds what is wrong to `faults`.

    Of a program those that only people can use are refused: they would do nothing.
    """
    readers = PEOPLE if for_people else PROGRAMS
    asked = {name: value for name, value in given.items() if name in PEOPLE and value is not None}
    faults += [
        Fault(name, "is for channels that people read, and would do nothing here", "leave it out")
        for name in asked
        if name not in readers
    ]
    return {name: readers[name](name, value, faults) for name, value in asked.items() if name in readers}
