"""Alerts as code: files of alerts, read whole with every fault at its place, and written."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import yaml

from crypto_portfolio_analyzer.core.alerts import AlertDraft
from crypto_portfolio_analyzer.engine.drafts import draft_of
from crypto_portfolio_analyzer.engine.yamlfiles import PlacedValue, read_yaml
from crypto_portfolio_analyzer.errors import Fault, InvalidFields

VERSION = 1
MOST_ALERTS = 10_000
SOURCE = "yaml"
_KEYS = ("version", "alerts")


def read_alert_file(data: bytes, *, now: int) -> list[AlertDraft]:
    """Read a file of alerts; durations until expiry begin at `now` (ns).

    Raises:
        InvalidFields: everything that is wrong, each with line, column, path and remedy.

    """
    file = read_yaml(data)
    faults = list(_frame_faults(file))
    drafts = []
    listed = file.value.get("alerts") if isinstance(file.value, dict) else None
    named: dict[object, str] = {}
    for number, fields in enumerate(listed if isinstance(listed, list) else ()):
        path = f"alerts[{number}]"
        if not isinstance(fields, dict):
            faults.append(_fault(file, path, "is no alert", "write '- name: …' with its fields below"))
            continue
        try:
            drafts.append(draft_of(fields, now=now, path=f"{path}.", source=SOURCE))
        except InvalidFields as error:
            faults += (_fault(file, *each) for each in error.faults)
        name = fields.get("name")
        if isinstance(name, str) and named.setdefault(name, path) != path:
            first = file.place(named[name]).line
            faults.append(
                _fault(
                    file,
                    f"{path}.name",
                    f"{name[:40]!r} is the name of line {first} too",
                    "give each its own",
                )
            )
    if faults:
        raise InvalidFields(faults)
    return drafts


def written(alerts: Iterable[Mapping[str, Any]]) -> str:
    """Return a file of alerts by their fields, from which `read_alert_file` makes the same alerts."""
    document = {"version": VERSION, "alerts": [dict(fields) for fields in alerts]}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)


def _frame_faults(file: PlacedValue) -> Iterable[Fault]:
    """Yield what is wrong around the alerts."""
    if not isinstance(file.value, dict):
        yield _fault(file, "", "holds no alerts", f"begin with 'version: {VERSION}' and 'alerts:'")
        return
    for key in file.value:
        if key not in _KEYS:
            near = get_close_matches(str(key), _KEYS, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(_KEYS)}"
            yield _fault(file, str(key)[:40], "is unknown", remedy)
    if file.value.get("version") != VERSION:
        yield _fault(file, "version", f"is {file.value.get('version')!r}", f"write 'version: {VERSION}'")
    alerts = file.value.get("alerts")
    if not isinstance(alerts, list):
        yield _fault(
            file,
            "alerts",
            "is no list" if alerts is not None else "is missing",
            "write 'alerts: []' for none",
        )
    elif len(alerts) > MOST_ALERTS:
        yield _fault(file, "alerts", f"holds {len(alerts)}", f"split it; {MOST_ALERTS} will do")


def _fault(file: PlacedValue, path: str, problem: str, remedy: str) -> Fault:
    place = file.place(path)
    return Fault(f"{place}: {path}" if path else str(place), problem, remedy)
