"""Reading the options of a channel as people give them: every fault at once, each with its remedy."""

import re
from collections.abc import Callable, Mapping, Sequence

from crypto_portfolio_analyzer.channels.kinds import Option
from crypto_portfolio_analyzer.channels.masking import DOTS
from crypto_portfolio_analyzer.errors import Fault, InvalidFields, InvalidInput, UnknownName

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Options:
    """What was given for the known options of a type; `checked` hands out what can be stored.

    What every channel may have (a language, quiet hours) the delivery engine reads: it does not come here.
    `kept` names what is stored beside them by ourselves. A value that cannot be used is a fault, and read as its
    default, so that reading goes on.
    """

    def __init__(
        self, given: Mapping[str, object], known: Sequence[Option], kept: Sequence[str] = ()
    ) -> None:
        self._given = given
        self._known = {option.name: option for option in known}
        self._faults: list[Fault] = []
        self._read: dict[str, object] = {name: value for name, value in given.items() if name in kept}
        self._refuse_unknown()

    def _refuse_unknown(self) -> None:
        for name in self._given:
            if name not in self._known and name not in self._read:
                self.fault(name, str(UnknownName("option", str(name), sorted(self._known))), "leave it out")

    def fault(self, name: str, problem: str, remedy: str) -> None:
        """Note that an option cannot be used."""
        self._faults.append(Fault(str(name)[:40], problem, remedy))

    def keep(self, name: str, value: object) -> None:
        """Store a value for an option."""
        self._read[name] = value

    def text(self, name: str, *, longest: int = 200, pattern: str = "", remedy: str = "") -> str:
        """Read a text on one line; `remedy` says what matches the pattern."""
        option = self._known[name]
        value = self._given.get(name)
        if value is None or value == "":
            if option.is_needed:
                self.fault(name, "it is needed", remedy or option.about)
            return self._stored(name, option.default)
        if not isinstance(value, str) or len(value) > longest or _CONTROLS.search(value):
            self.fault(name, "it is not a text of one line", f"write at most {longest} characters")
            return option.default
        if DOTS in value:
            self.fault(name, "it is masked", "leave it out to keep the old one, or give it whole")
            return option.default
        if pattern and not re.fullmatch(pattern, value.strip(), re.ASCII):
            self.fault(name, "it has the wrong form", remedy)
            return option.default
        return self._stored(name, value.strip())

    def url(self, name: str, check: Callable[[str], str]) -> str:
        """Read a URL; `check` returns it as it will be used, or raises InvalidInput."""
        text = self.text(name, longest=2048)
        if not text:
            return ""
        try:
            return self._stored(name, check(text))
        except InvalidInput as error:
            problem, _, remedy = str(error).partition("; ")
            self.fault(name, problem, remedy)
            return ""

    def choice(self, name: str) -> str:
        """Read one of the choices of an option."""
        option = self._known[name]
        value = self._given.get(name, option.default)
        if value not in option.choices:
            self.fault(name, "it is none of the choices", f"choose one of {', '.join(option.choices)}")
            return option.default
        return self._stored(name, str(value))

    def flag(self, name: str) -> bool:
        """Read a yes or no."""
        value = self._given.get(name, False)
        if not isinstance(value, bool):
            self.fault(name, "it is neither yes nor no", "write true or false")
            return False
        self.keep(name, value)
        return value

    def number(self, name: str, low: float, high: float) -> float | None:
        """Read a number between two bounds; nothing, and nothing stored, where none is given."""
        value = self._given.get(name)
        if value is None or value == "":
            return None
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not low <= value <= high:  # type: ignore[operator]  # NaN is in no range
            self.fault(name, "it is no number in range", f"write a number from {low:g} to {high:g}")
            return None
        self.keep(name, value)
        return float(value)  # type: ignore[arg-type]  # a number, as said above

    def given(self, name: str) -> object:
        """Return what was given, as it is."""
        return self._given.get(name)

    def checked(self) -> dict[str, object]:
        """Return what can be stored; raises InvalidFields with every fault."""
        if self._faults:
            raise InvalidFields(self._faults)
        return self._read

    def _stored(self, name: str, value: str) -> str:
        if value:
            self.keep(name, value)
        return value
