"""A catalogue with families that are still to come: dotted names, durations, names in quotes, ratios."""

from crypto_portfolio_analyzer.core.series.catalog import (
    SERIES,
    Domain,
    Output,
    Parameter,
    ParameterKind,
    SeriesKind,
    Unit,
)
from crypto_portfolio_analyzer.errors import UnknownName


def kind(name: str, *outputs: Output, parameters: tuple[Parameter, ...] = ()) -> SeriesKind:
    texts = {"en": f"the {name}", "de": f"das {name}"}
    return SeriesKind(name, name.partition(".")[0], Domain.TICK, outputs, texts, texts, parameters)


WINDOW = (Parameter("window", ParameterKind.DURATION),)
NAME = (Parameter("name", ParameterKind.NAME),)
KINDS = [
    kind("portfolio.value", Output("", Unit.NOTIONAL, 0)),
    kind("portfolio.drawdown", Output("", Unit.PERCENT, 0, 100)),
    kind("portfolio.weight", Output("", Unit.RATIO, 0, 1), parameters=NAME),
    kind("position", Output("quantity", Unit.QUANTITY), Output("pnl_percent", Unit.PERCENT), parameters=NAME),
    kind("token.curve_progress", Output("", Unit.PERCENT, 0, 100)),
    kind("token.dev_sold", Output("", Unit.FLAG, 0, 1)),
    kind("token.volume", Output("", Unit.NOTIONAL, 0), parameters=WINDOW),
    kind("sentiment", Output("", Unit.RATIO, -1, 1), parameters=WINDOW),
    kind(
        "news.mentions",
        Output("", Unit.COUNT, 0),
        parameters=(Parameter("word", ParameterKind.NAME), *WINDOW),
    ),
    kind("prediction", Output("probability", Unit.RATIO, 0, 1), Output("label", Unit.COUNT), parameters=NAME),
]


class Later:
    """The series there are, and those to come."""

    def __init__(self) -> None:
        self._kinds = {each.name: each for each in KINDS}

    def __contains__(self, name: object) -> bool:
        return name in self._kinds or name in SERIES

    def __getitem__(self, name: str) -> SeriesKind:
        if name in self._kinds:
            return self._kinds[name]
        try:
            return SERIES[name]
        except UnknownName:
            raise UnknownName("series", name, self.names()) from None

    def names(self) -> list[str]:
        return sorted([*self._kinds, *SERIES.names()])


LATER = Later()
