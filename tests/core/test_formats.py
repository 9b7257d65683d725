"""Numbers and times as people read them: the shared table, English and German."""

from datetime import timedelta, timezone
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core import formats

S = "\u00a0"  # the no-break space of German units
TABLE = [
    # kind, arguments, English, German
    ("price", (65012.4, 2), "65,012.40", "65.012,40"),
    ("price", (65012.4,), "65,012.40", "65.012,40"),
    ("price", (65000, 2), "65,000.00", "65.000,00"),
    ("price", (65012.4, 0), "65,012", "65.012"),
    ("price", (0.052341,), "0.052341", "0,052341"),
    ("price", (0.1234,), "0.12340", "0,12340"),
    ("price", (3.41207,), "3.4121", "3,4121"),
    ("price", (3412.07,), "3,412.07", "3.412,07"),
    ("price", (999.995,), "1,000.00", "1.000,00"),
    ("price", (0.0008412,), "0.00084120", "0,00084120"),
    ("price", (0.000008412, 9), "0.000008412", "0,000008412"),
    ("price", (123456789.0,), "123,456,789.00", "123.456.789,00"),
    ("price", (1e15,), "1,000,000,000,000,000.00", "1.000.000.000.000.000,00"),
    ("price", (0.0,), "0.00", "0,00"),
    ("price", (-0.0,), "0.00", "0,00"),
    ("price", (-12.5, 2), f"{formats.MINUS}12.50", f"{formats.MINUS}12,50"),
    ("price", (1.005, 2), "1.01", "1,01"),
    ("price", (2.675, 2), "2.68", "2,68"),
    ("price", (0.125, 2), "0.13", "0,13"),
    ("price", (None,), "–", "–"),
    ("short", (0.000008412,), "0.0₅8412", "0,0₅8412"),
    ("short", (0.00008412,), "0.0₄8412", "0,0₄8412"),
    ("short", (0.0008412,), "0.00084120", "0,00084120"),
    ("short", (1e-9,), "0.0₈1000", "0,0₈1000"),
    ("short", (1.23456e-13,), "0.0₁₂1235", "0,0₁₂1235"),
    ("short", (9.99999e-6,), "0.0₄1000", "0,0₄1000"),
    ("short", (9.999999e-5,), "0.000100000", "0,000100000"),
    ("short", (-8.412e-6,), f"{formats.MINUS}0.0₅8412", f"{formats.MINUS}0,0₅8412"),
    ("short", (65012.4,), "65,012.40", "65.012,40"),
    ("short", (0.0,), "0.00", "0,00"),
    ("change", (2.31,), "▲ +2.31%", f"▲ +2,31{S}%"),
    ("change", (-0.84,), "▼ −0.84%", f"▼ −0,84{S}%"),
    ("change", (0.0,), "0.00%", f"0,00{S}%"),
    ("change", (-0.0,), "0.00%", f"0,00{S}%"),
    ("change", (0.004,), "0.00%", f"0,00{S}%"),
    ("change", (-0.004,), "0.00%", f"0,00{S}%"),
    ("change", (0.005,), "▲ +0.01%", f"▲ +0,01{S}%"),
    ("change", (12345.678,), "▲ +12,345.68%", f"▲ +12.345,68{S}%"),
    ("change", (-100,), "▼ −100.00%", f"▼ −100,00{S}%"),
    ("change", (0.44, 1), "▲ +0.4%", f"▲ +0,4{S}%"),
    ("change", (None,), "–", "–"),
    ("percent", (0.012,), "0.01%", f"0,01{S}%"),
    ("percent", (None,), "–", "–"),
    ("compact", (28.4e9,), "28.4B", f"28,4{S}Mrd."),
    ("compact", (812e6,), "812M", f"812{S}Mio."),
    ("compact", (12_345,), "12.3K", f"12,3{S}Tsd."),
    ("compact", (1000,), "1.00K", f"1,00{S}Tsd."),
    ("compact", (999.4,), "999", "999"),
    ("compact", (999.6,), "1.00K", f"1,00{S}Tsd."),
    ("compact", (999_999,), "1.00M", f"1,00{S}Mio."),
    ("compact", (1.234e12,), "1.23T", f"1,23{S}Bio."),
    ("compact", (12.34,), "12.3", "12,3"),
    ("compact", (0.5,), "0.500", "0,500"),
    ("compact", (0,), "0", "0"),
    ("compact", (-812e6,), f"{formats.MINUS}812M", f"{formats.MINUS}812{S}Mio."),
    ("compact", (None,), "–", "–"),
    ("money", (12345.67, "USDT"), "12,345.67 USDT", "12.345,67 USDT"),
    ("money", (-1.5, "EUR"), f"{formats.MINUS}1.50 EUR", f"{formats.MINUS}1,50 EUR"),
    ("money", (0.5, "BTC", 8), "0.50000000 BTC", "0,50000000 BTC"),
    ("count", (612_004,), "612,004", "612.004"),
    ("duration", (0.041,), "41 ms", "41 ms"),
    ("duration", (0.0004,), "0.4 ms", "0,4 ms"),
    ("duration", (0,), "0 ms", "0 ms"),
    ("duration", (0.9994,), "999 ms", "999 ms"),
    ("duration", (0.9996,), "1.0s", "1,0 s"),
    ("duration", (12,), "12s", "12 s"),
    ("duration", (130,), "2m 10s", "2 min 10 s"),
    ("duration", (59.6,), "1m", "1 min"),
    ("duration", (3900,), "1h 5m", "1 h 5 min"),
    ("duration", (187_200,), "2d 4h", "2 d 4 h"),
    ("duration", (None,), "–", "–"),
    ("age", (0.3,), "0.3s", "0,3 s"),
    ("age", (0.04,), "0.0s", "0,0 s"),
    ("age", (9.96,), "10s", "10 s"),
    ("age", (130,), "2m 10s", "2 min 10 s"),
    ("age", (-0.2,), "0.0s", "0,0 s"),
]
FRIDAY = 1_795_183_387_371_000_000  # 2026-11-20 14:03:07.371 UTC
SECOND, DAY = 10**9, 86_400 * 10**9


@pytest.mark.parametrize(("kind", "arguments", "english", "german"), TABLE)
def test_table_of_numbers(kind, arguments, english, german):
    options = {"short": True} if kind == "short" else {}
    write = getattr(formats, "price" if kind == "short" else kind)

    assert write(*arguments, **options) == english
    assert write(*arguments, **options, language="de") == german


@pytest.mark.parametrize("value", [nan, inf, -inf])
@pytest.mark.parametrize("write", [formats.price, formats.change, formats.compact, formats.age])
def test_what_is_no_number_is_refused(write, value):
    with pytest.raises(ValueError, match="is no number to show"):
        write(value)


@pytest.mark.parametrize(
    ("back", "english", "german"),
    [
        (0, "14:03:07", "14:03:07"),
        (14 * 3600 * SECOND, "00:03:07", "00:03:07"),
        (DAY, "Thu 14:03", "Do 14:03"),
        (6 * DAY, "Sat 14:03", "Sa 14:03"),
        (8 * DAY, "12 Nov 14:03", "12. Nov. 14:03"),
        (254 * DAY, "11 Mar 14:03", "11. März 14:03"),
        (365 * DAY, "20 Nov 2025 14:03", "20. Nov. 2025 14:03"),
    ],
)
def test_instant_is_the_finer_the_nearer(back, english, german):
    assert formats.moment(FRIDAY - back, FRIDAY) == english
    assert formats.moment(FRIDAY - back, FRIDAY, language="de") == german


def test_instant_is_told_in_the_zone_of_the_reader():
    berlin = timezone(timedelta(hours=1))

    assert formats.moment(FRIDAY, FRIDAY, berlin) == "15:03:07"
    assert formats.utc(FRIDAY) == "2026-11-20 14:03:07.371 UTC"


@pytest.mark.parametrize(
    ("value", "tick", "digits"),
    [
        (65012.4, 0.01, 2),
        (65012.4, 0.5, 1),
        (65012.4, 10.0, 0),
        (0.5, 1e-8, 8),
        (65012.4, None, 2),
        (0, None, 2),
    ],
)
def test_digits_follow_the_tick_size_or_the_price(value, tick, digits):
    assert formats.digits_for(value, tick) == digits


def test_digits_change_only_after_a_tenfold_move():
    precision = formats.Precision()

    digits = [precision.of("A/B", price) for price in (0.5, 0.09, 4.9, 5.1, 1.0, 0.5)]

    assert digits == [5, 5, 5, 4, 4, 5]


def test_sparkline_spans_its_range_and_keeps_noise_flat():
    assert formats.sparkline([1, 2, 3, 4, 5, 6, 7, 8]) == "▁▂▃▄▅▆▇█"
    assert set(formats.sparkline([100, 100.01, 100])) <= {"▄", "▅"}
    assert formats.sparkline([]) == ""


@given(st.floats(min_value=-1e15, max_value=1e15), st.integers(0, 12))
def test_a_shown_price_reads_back_within_half_a_step(value, digits):
    shown = formats.price(value, digits).replace(",", "").replace(formats.MINUS, "-")

    assert abs(float(shown) - value) <= 0.5000001 * 10.0**-digits + abs(value) * 1e-15


@given(st.floats(min_value=1e-30, max_value=1e18))
def test_compact_numbers_are_short(value):
    assert len(formats.compact(value).rstrip("TBMK")) <= 4 or value < 1 or value >= 1e15
