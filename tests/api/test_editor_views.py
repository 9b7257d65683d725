"""From faults and back-tests to what the editor is shown."""

import math

from crypto_portfolio_analyzer.api.editor_views import MOST_FIRINGS, backtest_view, fault_views
from crypto_portfolio_analyzer.core.alerts import Trigger
from crypto_portfolio_analyzer.core.timeframes import DAY, HOUR, MINUTE
from crypto_portfolio_analyzer.engine.backtesting import BacktestResult, Hole, PastFiring
from crypto_portfolio_analyzer.engine.outcomes import Outcome
from crypto_portfolio_analyzer.engine.sweeping import SweepPoint
from crypto_portfolio_analyzer.errors import InvalidCondition, InvalidInput
from tests.fakes import NOON


def test_a_fault_of_a_condition_has_its_place_under_both_names() -> None:
    [fault] = fault_views(InvalidCondition("price > x", 8, 9, "unknown word", "price > 1"), "condition")

    assert (fault.path, fault.start, fault.column, fault.end) == ("condition", 8, 8, 9)
    assert (fault.problem, fault.message, fault.fix) == ("unknown word", "unknown word", "price > 1")


def test_an_error_that_names_no_field_is_of_the_one_that_was_read() -> None:
    [fault] = fault_views(InvalidInput("'7m' does not divide a day"), "timeframe")

    assert (fault.path, fault.start, fault.message) == ("timeframe", None, "'7m' does not divide a day")


def result(count: int) -> BacktestResult:
    firings = tuple(
        PastFiring(
            NOON + number, math.nan if number == 0 else 2.5, NOON, {"price": None}, approximated=number == 0
        )
        for number in range(count)
    )
    return BacktestResult(
        symbol="BTC/USDT",
        condition="price > 1",
        timeframe="1m",
        trigger=Trigger.EVERY_TIME,
        firings=firings,
        suppressed=4,
        bars=1440,
        holes=(Hole(NOON, NOON + 3 * MINUTE, 3),),
        first_at=NOON,
        last_at=NOON + DAY,
        outcomes=(Outcome(HOUR, 2, 0.5, 1.0), Outcome(DAY, 0, None, None)),
    )


def test_a_back_test_tells_what_came_after() -> None:
    view = backtest_view(result(2), [SweepPoint(1.5, 3, 1)], simulated=True)

    assert (view.count, view.bars, view.days, view.suppressed) == (2, 1440, 1.0, 4)
    assert (view.approximated, view.simulated) == (True, True)
    assert [each.price for each in view.firings] == [None, "2.5"]
    assert [(each.after_seconds, each.count) for each in view.outcomes] == [(3600, 2), (86_400, 0)]
    assert view.after == {"1h": view.outcomes[0], "24h": view.outcomes[1]}
    assert (view.holes[0].missing, view.holes[0].until_at) == (3, "2026-11-20T12:03:00.000Z")
    assert (view.sweep[0].value, view.sweep[0].count) == (1.5, 3)


def test_of_many_firings_the_newest_are_shown_and_all_counted() -> None:
    view = backtest_view(result(MOST_FIRINGS + 5), [], simulated=False)

    assert view.count == MOST_FIRINGS + 5
    assert len(view.firings) == MOST_FIRINGS
    assert view.firings[-1].price == "2.5"
