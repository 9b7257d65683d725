"""Any function of TA-Lib by its own name: `talib("RSI", 14)`, `talib("BBANDS", 20).upperband`.

Each function is a kind of its own, `talib:RSI`, made on demand of what TA-Lib says about it: parameters in its
order with its defaults, outputs by its names. A function of one series takes an optional source first; one of two
(BETA, CORREL, ADD …) is of high and low, as TA-Lib has it. MAVP is left out: it wants a series of lengths.
"""

from math import isfinite

from talib import get_functions

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import (
    SERIES,
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
from crypto_portfolio_analyzer.core.series.handles import Handle, Joined, Row, described, lookback
from crypto_portfolio_analyzer.core.series.wording import SOURCE, WILDER_SETTLES, texts
from crypto_portfolio_analyzer.errors import UnknownName

FUNCTIONS: tuple[str, ...] = tuple(
    name
    for name in get_functions()  # type: ignore[no-untyped-call]  # its stub says nothing
    if name != "MAVP"
)
LIMIT = 100_000.0
"""The largest size of a parameter; TA-Lib itself refuses what a function cannot take."""
UNSTABLE = "Function has an unstable period"


class Function:
    """What TA-Lib says of one of its functions."""

    def __init__(self, name: str) -> None:
        told = described(name).info
        self.name, self.title = name, str(told["display_name"])
        self.defaults: dict[str, int | float] = dict(told["parameters"])
        self.outputs: list[str] = list(told["output_names"])
        named = told["input_names"]
        self.inputs = tuple(
            field for input_ in named.values() for field in (input_ if isinstance(input_, list) else [input_])
        )
        self.takes_source = "price" in named
        self.is_recursive = UNSTABLE in (told["function_flags"] or [])

    def fields(self) -> tuple[str, ...]:
        """Return what it is taken of, the source in the place of the close."""
        return ("source", *self.inputs[1:]) if self.takes_source else self.inputs

    def values(self, arguments: Arguments) -> tuple[float, ...]:
        """Return arguments in TA-Lib's order, whole where TA-Lib counts."""
        return tuple(type(default)(arguments[name]) for name, default in self.defaults.items())

    def make(self, arguments: Arguments) -> Calculator:
        """Return its calculator."""
        return Joined(_finite, Handle(self.name, self.fields(), *self.values(arguments)))

    def history(self, arguments: Arguments) -> int:
        """Return the bars it looks back on; of a recursive one, until Wilder's slowest average has settled."""
        needs = lookback(self.name, *self.values(arguments)) + 1
        return needs * WILDER_SETTLES if self.is_recursive else needs

    def parameters(self) -> tuple[Parameter, ...]:
        """Return its parameters with its defaults."""
        own = tuple(
            Parameter(name, ParameterKind.NUMBER, float(default), -LIMIT, LIMIT)
            if isinstance(default, float)
            else Parameter(name, ParameterKind.COUNT, default, 0)
            for name, default in self.defaults.items()
        )
        return (SOURCE, *own) if self.takes_source else own


def _finite(row: Row, _bar: Bar, _source: float) -> Row:
    return tuple(value if isfinite(value) else UNKNOWN for value in row)


@SERIES.family("talib")
def function(name: str) -> SeriesKind:
    """Return the kind of a TA-Lib function, given as `talib:RSI`; raises UnknownName."""
    written = name.partition(":")[2].upper()
    if written not in FUNCTIONS:
        raise UnknownName("TA-Lib function", written, list(FUNCTIONS))
    found = Function(written)
    placeholders = ", ".join(f"{{{each}}}" for each in found.defaults)
    title = f"TA-Lib {written}({placeholders})" if placeholders else f"TA-Lib {written}"
    return SeriesKind(
        name=f"talib:{written}",
        family="talib",
        domain=Domain.BAR,
        outputs=tuple(Output(each, Unit.NUMBER) for each in found.outputs),
        summary=texts(title, title),
        about=texts(f"TA-Lib: {found.title}.", f"TA-Lib: {found.title}."),
        parameters=found.parameters(),
        history=found.history,
        make=found.make,
    )


register(
    SeriesKind(
        name="talib",
        family="talib",
        domain=Domain.BAR,
        outputs=(Output(unit=Unit.NUMBER),),
        summary=texts("TA-Lib {function}", "TA-Lib {function}"),
        about=texts(
            "Any TA-Lib function by its name, with its own parameters behind it.",
            "Jede TA-Lib-Funktion bei ihrem Namen, dahinter ihre eigenen Parameter.",
        ),
        parameters=(Parameter("function", ParameterKind.NAME, choices=FUNCTIONS),),
    )
)
