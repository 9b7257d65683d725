"""Short forms in which the families write down their kinds: names, parameters, how long until settled."""

from collections.abc import Callable, Mapping

from crypto_portfolio_analyzer.core.series.catalog import (
    UNKNOWN,
    Arguments,
    Calculator,
    Domain,
    Output,
    Parameter,
    ParameterKind,
    SeriesKind,
    Unit,
    register,
)

EMA_SETTLES = 11
"""Lengths after which an exponential average has forgotten its start: (1 - 2/(n+1))^11n is below 3e-10."""
WILDER_SETTLES = 21
"""Lengths after which Wilder's average has: (1 - 1/n)^21n is below 1e-9."""

SOURCE = Parameter("source", ParameterKind.SERIES)
"""The series an indicator is taken of; left out, it is the close."""

History = Callable[[Arguments], int]


def count(name: str, default: int, least: int = 1) -> Parameter:
    """Return a parameter that counts bars."""
    return Parameter(name, ParameterKind.COUNT, default, least)


def length(default: int, least: int = 1) -> Parameter:
    """Return the parameter that says over how many bars."""
    return count("length", default, least)


def number(name: str, default: float, least: float = 0.0, most: float = 100.0) -> Parameter:
    """Return a parameter that is any number in range."""
    return Parameter(name, ParameterKind.NUMBER, default, least, most)


def texts(english: str, german: str, accusative: str = "") -> Mapping[str, str]:
    """Return a text by language, with the German accusative where it differs."""
    names = {"en": english, "de": german}
    return {**names, "de_acc": accusative} if accusative else names


def prices(*names: str) -> tuple[Output, ...]:
    """Return outputs in the unit of their source."""
    return tuple(Output(name) for name in names)


def index(name: str = "", low: float = 0.0, high: float = 100.0) -> Output:
    """Return the output of an oscillator."""
    return Output(name, Unit.INDEX, low, high)


def one(_arguments: Arguments) -> int:
    """Return the history of a series that needs nothing but the bar itself."""
    return 1


def bar_series(
    family: str,
    name: str,
    outputs: tuple[Output, ...],
    make: Callable[[Arguments], Calculator],
    *,
    summary: Mapping[str, str],
    about: Mapping[str, str],
    parameters: tuple[Parameter, ...] = (),
    history: History = one,
    days: int = 0,
) -> None:
    """Put a bar series into the catalogue."""
    register(
        SeriesKind(
            name=name,
            family=family,
            domain=Domain.BAR,
            outputs=outputs,
            summary=summary,
            about=about,
            parameters=parameters,
            history=history,
            days=days,
            make=make,
        )
    )


def whole(arguments: Arguments, name: str = "length") -> int:
    """Return an argument that counts bars."""
    return int(arguments[name])


def lengths(factor: int = 1, more: int = 0, name: str = "length") -> History:
    """Return a history of so many times an argument, and some bars more."""
    return lambda arguments: factor * whole(arguments, name) + more


def known(value: float | None) -> float:
    """Return a number, NaN for what is unknown."""
    return UNKNOWN if value is None else value


def quotient(dividend: float, divisor: float) -> float:
    """Divide; by zero it is NaN."""
    return dividend / divisor if divisor else UNKNOWN
