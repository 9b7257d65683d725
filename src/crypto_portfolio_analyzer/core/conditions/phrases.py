"""Phrases: how values are called in a sentence, in any language; a language fills in its words."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from msgspec import Struct

from crypto_portfolio_analyzer.core.conditions import literals
from crypto_portfolio_analyzer.core.conditions.names import Catalogue
from crypto_portfolio_analyzer.core.conditions.tree import (
    Arithmetic,
    Function,
    Negated,
    Number,
    Series,
    Value,
    Window,
)
from crypto_portfolio_analyzer.core.series.catalog import ParameterKind, SeriesKind, Unit

SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}
NOMINATIVE, ACCUSATIVE, DATIVE = "nominative", "accusative", "dative"
_LEVELS = {"+": 0, "-": 0, "*": 1, "/": 1}
_UNITS = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))


class Words(Struct, frozen=True):
    """What a language calls things; placeholders are filled with phrases in the case the words ask for."""

    language: str
    separators: tuple[str, str]
    """Between thousands and before decimals."""
    percent: str
    spans: Mapping[str, tuple[str, str]]
    """One and many of d, h, m, s and bars."""
    decline: Callable[[str, str], str]
    """Put a phrase (nominative) into a case."""
    outputs: Mapping[str, str]
    output: str
    of: str
    """`{output} of {series}`."""
    over: str
    """`{series} over {source}`."""
    subject: str
    on: str
    live: str
    back: str
    windows: Mapping[str, str]
    functions: Mapping[str, str]
    between: str
    """Between the last two of a list."""


class Phrases:
    """Names values in one language."""

    def __init__(self, words: Words, catalogue: Catalogue) -> None:
        self._words, self._catalogue = words, catalogue

    def value(self, value: Value, case: str = NOMINATIVE) -> str:
        """Return how a value is called."""
        return self._value(value, case, None)[0]

    def span(self, bars: int | None, ns: int | None) -> str:
        """Return a span in words."""
        if bars is not None:
            return self._counted(Decimal(bars), "bars")
        seconds = Decimal(ns or 0) / literals.SECOND
        name, length = next((each for each in _UNITS if seconds % each[1] == 0), _UNITS[-1])
        return self._counted(seconds / length, name)

    def number(self, number: Number) -> str:
        """Return a number as the language writes it."""
        if number.unit is Unit.DURATION:
            return self.span(None, round(number.value * literals.SECOND))
        text = self._decimal(literals.written(number))
        return self._words.percent.format(text) if number.text.endswith("%") else text

    def _decimal(self, number: Decimal) -> str:
        thousands, point = self._words.separators
        whole, _, rest = f"{number:,f}".partition(".")
        rest = rest.rstrip("0")
        return whole.replace(",", thousands) + (f"{point}{rest}" if rest else "")

    def _counted(self, count: Decimal, unit: str) -> str:
        one, many = self._words.spans[unit]
        return f"{self._decimal(count)} {one if count == 1 else many}"

    def _value(self, value: Value, case: str, timeframe: str | None) -> tuple[str, int]:
        match value:
            case Number():
                return self.number(value), 2
            case Series():
                return self._series(value, case, timeframe), 2
            case Window():
                return self._window(value, case), 2
            case Function(name, values):
                inner = [self._value(each, DATIVE, timeframe)[0] for each in values]
                text = self._words.functions[name].format(self._listed(inner))
                return self._words.decline(text, case), 2
            case Negated(inner):
                return f"−{self._enclosed(inner, case, timeframe, 2)}", 2
            case Arithmetic(operator, left, right):
                level = _LEVELS[operator]
                one = self._enclosed(left, case, timeframe, level)
                other = self._enclosed(right, case, timeframe, level + 1)
                return f"{one} {SIGNS[operator]} {other}", level

    def _enclosed(self, value: Value, case: str, timeframe: str | None, level: int) -> str:
        text, own = self._value(value, case, timeframe)
        return text if own >= level else f"({text})"

    def _listed(self, texts: list[str]) -> str:
        *most, last = texts
        return f"{', '.join(most)}{self._words.between}{last}" if most else last

    def _series(self, series: Series, case: str, timeframe: str | None) -> str:
        words, kind = self._words, self._catalogue[series.kind]
        name = self._named(kind, series)
        if series.output not in ("", "value", series.kind):
            output = words.outputs.get(series.output) or words.output.format(series.output.replace("_", " "))
            text = words.of.format(words.decline(output, case), words.decline(name, DATIVE))
        elif case == ACCUSATIVE and f"{words.language}_acc" in kind.summary:
            text = self._named(kind, series, f"{words.language}_acc")
        else:
            text = words.decline(name, case)
        if series.source is not None:
            text = words.over.format(text, self._value(series.source, ACCUSATIVE, series.timeframe)[0])
        if series.subject is not None:
            text = words.subject.format(text, series.subject)
        return text + self._suffix(series.back, series.timeframe, series.live, timeframe)

    def _named(self, kind: SeriesKind, series: Series, form: str = "") -> str:
        own = [each.name for each in kind.parameters if each.kind is not ParameterKind.SERIES]
        shown = {name: self._shown(each) for name, each in zip(own, series.arguments, strict=True)}
        template = kind.summary[form or self._words.language]
        if len(own) == 1 and kind.parameters[-1].default == 0 == series.arguments[0]:
            template = template.replace(f"({{{own[0]}}})", "")
        return template.format_map(shown)

    def _shown(self, argument: float | str) -> str:
        if isinstance(argument, str):
            return argument
        return f"{argument:.12g}".replace(".", self._words.separators[1])

    def _window(self, window: Window, case: str) -> str:
        inner = self._value(window.value, DATIVE, window.timeframe)[0]
        text = self._words.windows[window.name].format(inner, self.span(window.bars, window.ns))
        return self._words.decline(text, case) + self._suffix(window.back, window.timeframe, False, None)

    def _suffix(self, back: int, timeframe: str | None, live: bool, around: str | None) -> str:
        words = self._words
        earlier = words.back.format(self._counted(Decimal(back), "bars")) if back else ""
        on = words.on.format(timeframe) if timeframe not in (None, around) else ""
        return f"{earlier}{on}{words.live if live else ''}"
