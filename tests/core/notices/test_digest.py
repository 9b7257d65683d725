"""A digest is readable, however much it tells of."""

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.core.notices.digest import headline, movements, rows, severity, span
from crypto_portfolio_analyzer.core.notices.graphemes import width
from crypto_portfolio_analyzer.core.notices.placeholders import Told
from crypto_portfolio_analyzer.core.notices.reader import reader_of
from tests.core.notices.made import AT, crossing, falls


def tolds(works, language="en"):
    reader = reader_of({"language": language}, AT)
    return [Told(firing=each.firing, alert=each.alert, reader=reader) for each in works]


def test_most_moved_are_named_by_what_is_known_of_them():
    moves = {"SOL/USDT": -1.0, "ADA/USDT": -9.9, "BTC/USDT": -50.0}
    line = headline(tolds(falls(4)), moves, (100, 400), is_repeat=False)

    assert line == "📉 4 alerts in 4.5s · 400 of 500 falling · worst ADA −9.9%, LINK −5.4%, AVAX −5.4%"
    assert set(movements(tolds(falls(4)), moves)) == {"SOL/USDT", "AVAX/USDT", "LINK/USDT", "ADA/USDT"}


def test_rising_is_told_by_its_best():
    line = headline(tolds([crossing(), crossing()]), {"BTC/USDT": 8.14}, (300, 100), is_repeat=True)

    assert line == "📈 2 alerts in 0.0s · 300 of 400 rising · best BTC +8.1% (repeat)"


def test_both_ways_has_no_direction():
    line = headline(tolds([crossing(), *falls(1)]), {}, (300, 100), is_repeat=False)

    assert line.startswith("🔔 2 alerts")
    assert "rising" not in line


@pytest.mark.parametrize("count", [2, 11, 37, 500])
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_firing_is_counted_and_the_text_stays_short(count, language):
    shown = rows(tolds(falls(count), language))
    hidden = count - (len(shown) - 1)

    assert shown[-1].startswith("… ") is (count > 10)
    if count > 10:
        assert str(hidden) in shown[-1].replace(",", "").replace(".", "")
    assert sum(map(width, shown)) <= 360


def test_gravest_comes_first_then_the_oldest():
    works = falls(3)
    grave = replace(works[2], alert=replace(works[2].alert, severity=Severity.CRITICAL))
    shown = rows(tolds([works[1], works[0], grave]))

    assert [row.split()[1] for row in shown] == ["LINK/USDT", "SOL/USDT", "AVAX/USDT"]
    assert severity(tolds([*works, grave])) is Severity.CRITICAL
    assert span(tolds(works)) == 3 * 10**9
