"""Prices: the newest trade, the book's best, 24 h statistics, and what a bar says of its stretch."""

from collections.abc import Callable

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.series.catalog import (
    Domain,
    Output,
    SeriesKind,
    TickState,
    Unit,
    register,
)
from crypto_portfolio_analyzer.core.series.handles import Reckoned
from crypto_portfolio_analyzer.core.series.wording import bar_series, known, quotient, texts


def mid(state: TickState) -> float:
    """Return the mean of best bid and ask."""
    return (known(state.bid) + known(state.ask)) / 2


def spread(state: TickState) -> float:
    """Return the best ask less the best bid."""
    return known(state.ask) - known(state.bid)


def spread_bps(state: TickState) -> float:
    """Return the spread in basis points (1/100 %) of the mid."""
    return quotient(10_000 * spread(state), mid(state))


def change_24h(state: TickState) -> float:
    """Return by how much the price has moved since 24 h ago."""
    return known(state.price) - known(state.open_24h)


def change_percent_24h(state: TickState) -> float:
    """Return by how many percent the price has moved since 24 h ago."""
    return quotient(100 * change_24h(state), known(state.open_24h))


def _tick(
    name: str,
    read: Callable[[TickState], float],
    output: Output,
    summary: tuple[str, ...],
    about: tuple[str, str],
) -> None:
    register(
        SeriesKind(
            name=name,
            family="price",
            domain=Domain.TICK,
            outputs=(output,),
            summary=texts(*summary),
            about=texts(*about),
            read=lambda state, _now: read(state),
        )
    )


def _bar(name: str, reckon: Callable[[Bar], float], summary: tuple[str, ...], about: tuple[str, str]) -> None:
    make = Reckoned(reckon)
    bar_series("price", name, (Output(low=0),), lambda _: make, summary=texts(*summary), about=texts(*about))


PRICE, ANY_PRICE = Output(low=0), Output()

_tick(
    "price",
    lambda state: known(state.price),
    PRICE,
    ("the price", "der Preis", "den Preis"),
    ("The price of the newest trade.", "Der Preis des jüngsten Handels."),
)
_tick(
    "bid",
    lambda state: known(state.bid),
    PRICE,
    ("the bid", "der Geldkurs", "den Geldkurs"),
    ("The best bid in the book.", "Das beste Kaufgebot im Orderbuch."),
)
_tick(
    "ask",
    lambda state: known(state.ask),
    PRICE,
    ("the ask", "der Briefkurs", "den Briefkurs"),
    ("The best ask in the book.", "Das beste Verkaufsangebot im Orderbuch."),
)
_tick(
    "mid",
    mid,
    PRICE,
    ("the mid price", "der Mittelkurs", "den Mittelkurs"),
    ("The mean of best bid and ask.", "Die Mitte zwischen Geld- und Briefkurs."),
)
_tick(
    "spread",
    spread,
    ANY_PRICE,
    ("the spread", "die Spanne"),
    ("Best ask less best bid.", "Briefkurs minus Geldkurs."),
)
_tick(
    "spread_bps",
    spread_bps,
    Output(unit=Unit.INDEX),
    ("the spread in basis points", "die Spanne in Basispunkten"),
    (
        "The spread in hundredths of a percent of the mid.",
        "Die Spanne in Hundertstelprozent des Mittelkurses.",
    ),
)
_tick(
    "change_24h",
    change_24h,
    ANY_PRICE,
    ("the 24 h change", "die 24-h-Änderung"),
    ("How far the price is from where it was 24 h ago.", "Wie weit der Preis von dem vor 24 h entfernt ist."),
)
_tick(
    "change_percent_24h",
    change_percent_24h,
    Output(unit=Unit.PERCENT, low=-100),
    ("the 24 h change in percent", "die 24-h-Änderung in Prozent"),
    ("The change since 24 h ago in percent.", "Die Änderung seit 24 h in Prozent."),
)
_tick(
    "high_24h",
    lambda state: known(state.high_24h),
    PRICE,
    ("the 24 h high", "das 24-h-Hoch"),
    ("The highest price of the last 24 h.", "Der höchste Preis der letzten 24 h."),
)
_tick(
    "low_24h",
    lambda state: known(state.low_24h),
    PRICE,
    ("the 24 h low", "das 24-h-Tief"),
    ("The lowest price of the last 24 h.", "Der niedrigste Preis der letzten 24 h."),
)

_bar(
    "open",
    lambda bar: bar.open,
    ("the open", "der Eröffnungskurs", "den Eröffnungskurs"),
    ("The first price of the bar.", "Der erste Preis des Balkens."),
)
_bar(
    "high",
    lambda bar: bar.high,
    ("the high", "das Hoch"),
    ("The highest price of the bar.", "Der höchste Preis des Balkens."),
)
_bar(
    "low",
    lambda bar: bar.low,
    ("the low", "das Tief"),
    ("The lowest price of the bar.", "Der niedrigste Preis des Balkens."),
)
_bar(
    "close",
    lambda bar: bar.close,
    ("the close", "der Schlusskurs", "den Schlusskurs"),
    ("The last price of the bar.", "Der letzte Preis des Balkens."),
)
_bar(
    "hl2",
    lambda bar: (bar.high + bar.low) / 2,
    ("the middle of high and low", "die Mitte von Hoch und Tief"),
    ("(high + low) / 2.", "(Hoch + Tief) / 2."),
)
_bar(
    "hlc3",
    lambda bar: (bar.high + bar.low + bar.close) / 3,
    ("the typical price", "der typische Preis", "den typischen Preis"),
    ("(high + low + close) / 3.", "(Hoch + Tief + Schluss) / 3."),
)
_bar(
    "ohlc4",
    lambda bar: (bar.open + bar.high + bar.low + bar.close) / 4,
    ("the average price", "der Durchschnittspreis", "den Durchschnittspreis"),
    ("(open + high + low + close) / 4.", "(Eröffnung + Hoch + Tief + Schluss) / 4."),
)
