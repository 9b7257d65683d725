"""Tests of core/judging/charts.py; charts at work stand in test_board.py."""

from crypto_portfolio_analyzer.core.judging.charts import Chart, Part, replay, update_together
from crypto_portfolio_analyzer.core.judging.nodes import Calculation, Elsewhere, Literal, Output
from crypto_portfolio_analyzer.core.series.handles import OF_SOURCE, Handle, Reckoned
from crypto_portfolio_analyzer.core.timeframes import HOUR
from tests.core.series.samples import bars_of, walk

MINUTES = bars_of(walk(1, 120))
HOURS = bars_of(walk(2, 2), timeframe="1h", length=HOUR)


def close(source=None):
    if source is None:
        return Calculation(lambda: Reckoned(lambda bar: bar.close), 1, 1)
    return Calculation(lambda: Handle("SMA", OF_SOURCE, 1), 1, 1, source)


def bound():
    """Return two charts, and what the minutes take of the hours."""
    hours, minutes = Chart("A", "1h"), Chart("A", "1m")
    hourly = close()
    seen = close(Elsewhere(Output(hourly, 0)))
    hours.add(hourly)
    minutes.add(seen)
    hours.neighbours.add(minutes)
    minutes.neighbours.add(hours)
    return hours, minutes, seen


def test_a_source_is_updated_before_what_is_taken_of_it_in_any_order_of_bars():
    hours, minutes, seen = bound()

    update_together([(minutes, MINUTES[59]), (hours, HOURS[0])])

    assert seen.value(0) == HOURS[0].close


def test_a_replay_goes_through_the_past_of_all_instant_by_instant():
    hours, minutes, seen = bound()
    hours.past, minutes.past = HOURS[:2], MINUTES[:119]

    replay(minutes.family())

    assert seen.value(0) == HOURS[0].close


def test_a_family_reaches_as_far_as_its_ties():
    charts = [Chart(name, "1m") for name in "ABCD"]
    for one, other in ((0, 1), (1, 2)):
        charts[one].neighbours.add(charts[other])
        charts[other].neighbours.add(charts[one])

    assert charts[2].family() == set(charts[:3])
    assert charts[3].family() == {charts[3]}


def test_only_as_much_past_is_kept_as_the_slowest_part_needs():
    chart = Chart("A", "1m", parts={("value", None): Part(Literal(1.0))})  # type: ignore[dict-item]

    for bar in MINUTES:
        chart.remember(bar)

    assert chart.past[-1] is MINUTES[-1]
    assert len(chart.past) <= 2


def test_a_dropped_computation_takes_no_more_bars():
    chart, one, other = Chart("A", "1m"), close(), close()
    chart.add(one)
    chart.add(other)
    chart.update(MINUTES[0])

    chart.drop(one)
    chart.update(MINUTES[1])

    assert (one.value(0), other.value(0)) == (MINUTES[0].close, MINUTES[1].close)
