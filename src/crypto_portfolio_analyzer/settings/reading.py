"""Reading settings: flags, environment, file and defaults, in this order; every fault at once, with its remedy."""

import os
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from crypto_portfolio_analyzer.errors import ConfigError, ConfigFaults
from crypto_portfolio_analyzer.settings.places import config_file
from crypto_portfolio_analyzer.settings.tree import (
    CONFIG_VARIABLE,
    LATER,
    LATER_NAMES,
    PREFIX,
    Known,
    Settings,
    known_settings,
)


def load(
    flags: Mapping[str, object] | None = None,
    *,
    env: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """Read all sources and return the settings; a flag that is None was not given. Raises ConfigFaults."""
    env = os.environ if env is None else env
    reading = _Reading({known.key: known for known in known_settings()})
    reading.flags(flags or {})
    reading.environment(env)
    reading.file(file or (Path(env[CONFIG_VARIABLE]) if env.get(CONFIG_VARIABLE) else None))
    return reading.settings()


class _Reading:
    """Values and their origins, the first source of a key winning, and the faults met on the way."""

    def __init__(self, known: dict[str, Known]) -> None:
        self._known = known
        self._values: dict[str, Any] = {}
        self._origins: dict[str, tuple[str, str]] = {}
        self._faults: list[ConfigError] = []
        self._unused: list[str] = []

    def flags(self, given: Mapping[str, object]) -> None:
        for key, value in given.items():
            if value is not None:
                self._take(key, value, f"--{key.rpartition('.')[2].replace('_', '-')}", "flag")

    def environment(self, env: Mapping[str, str]) -> None:
        for variable, value in sorted(env.items()):
            ours = variable.startswith(PREFIX) and not variable.startswith(PREFIX + "TEST_")
            if ours and variable != CONFIG_VARIABLE:
                key = variable.removeprefix(PREFIX).lower().replace("__", ".")
                self._take(key, value, variable, "env")

    def file(self, path: Path | None) -> None:
        wanted = path is not None
        path = path or config_file()
        try:
            tree = tomllib.loads(path.read_text())
        except FileNotFoundError:
            if wanted:
                self._fault(str(path), "there is no such file", "give the path of a TOML file with --config")
            return
        except (OSError, ValueError) as error:  # ValueError: not UTF-8, or not TOML
            self._fault(str(path), f"cannot be read: {error}", "mend the file or give another with --config")
            return
        for key, value in _flat(tree):
            self._take(key, value, f"{key} in {path}", "file")

    def settings(self) -> Settings:
        tree: dict[str, Any] = {}
        for key, value in self._values.items():
            *path, name = key.split(".")
            branch = tree
            for part in path:
                branch = branch.setdefault(part, {})
            branch[name] = value
        try:
            made = Settings.model_validate(tree)
        except ValidationError as error:
            self._explain(error)
        if self._faults:
            raise ConfigFaults(self._faults)
        made._unused.extend(self._unused)
        made._origins.update({key: " ".join(origin) for key, origin in self._origins.items()})
        return made

    def _take(self, key: str, value: object, name: str, source: str) -> None:
        known, from_file = self._find(key)
        if known is None:
            if key.startswith(LATER) or key in LATER_NAMES:
                self._unused.append(name)
            else:
                self._unknown(key, name)
        elif value == "" and source == "env" and known.key != "symbols":
            pass  # what compose files make of a variable that is not set
        elif known.key not in self._values:
            self._origins[known.key] = (source, name)
            self._values[known.key] = self._secret_file(name, str(value)) if from_file else value
        elif self._origins[known.key][0] == source:
            self._fault(name, "is given both as a value and as a file", "keep one of the two")

    def _find(self, key: str) -> tuple[Known | None, bool]:
        if key in self._known:
            return self._known[key], False
        known = self._known.get(key.removesuffix("_file"))
        return (known, True) if known and known.secret else (None, False)

    def _secret_file(self, name: str, path: str) -> str:
        try:
            return Path(path).read_text().strip()
        except (OSError, ValueError) as error:
            self._fault(name, f"cannot read {path[:80]!r}: {error}", "name a file that this user can read")
            return ""

    def _unknown(self, key: str, name: str) -> None:
        near = get_close_matches(key, self._known, n=1)
        remedy = "`crypto-analyzer config show` lists the known ones"
        if near:
            nearest = self._known[near[0]]
            remedy = f"did you mean {nearest.variable if name.startswith(PREFIX) else nearest.key}?"
        self._fault(name, "is no setting", remedy)

    def _explain(self, error: ValidationError) -> None:
        for fault in error.errors():
            key = ".".join(str(part) for part in fault["loc"] if not isinstance(part, int))
            known = self._known[key] if key in self._known else self._known[key.rpartition(".")[0]]
            value = "" if known.secret else f"{str(fault['input'])[:60]!r}: "
            why = fault.get("ctx", {}).get("error", fault["msg"])
            name = self._origins.get(known.key, ("", known.key))[1]
            self._fault(name, f"{value}{why}", f"give {known.right}")

    def _fault(self, key: str, problem: str, remedy: str) -> None:
        self._faults.append(ConfigError(key, problem, remedy))


def _flat(tree: Mapping[str, Any], path: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield path + key, value
