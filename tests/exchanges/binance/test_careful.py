"""The slow and exact reading of a Binance message."""

import pytest

from crypto_portfolio_analyzer.core.market import RejectReason
from crypto_portfolio_analyzer.exchanges.binance import wire as form
from crypto_portfolio_analyzer.exchanges.binance.careful import Fault, hides_exponent, read
from tests.fakes import NOON

TRADE = {"s": "BTCUSDT", "a": "7", "p": "1.5", "q": "2", "T": "1792411200120", "m": True}
KLINE = ["1792411200000", "1", "3", "0.5", "2", "9", "1792411259999", "18", "4", "5", "6", "0"]


def test_text_becomes_the_wire_form():
    assert read(form.AggregateTrade, TRADE, NOON) == form.AggregateTrade(
        "BTCUSDT", 7, 1.5, 2.0, 1792411200120, True
    )


def test_prices_too_small_for_the_quick_way_are_read():
    wire = read(form.AggregateTrade, {**TRADE, "p": "0.0000000000012"}, NOON)

    assert isinstance(wire, form.AggregateTrade)
    assert wire.p == 1.2e-12


def test_rows_without_names_are_read_by_place():
    wire = read(form.RestKline, KLINE, NOON)

    assert isinstance(wire, form.RestKline)
    assert (wire.o, wire.h, wire.l, wire.c, wire.v, wire.q, wire.n) == (1, 3, 0.5, 2, 9, 18, 4)


@pytest.mark.parametrize(
    ("element", "fault"),
    [
        ([], Fault(RejectReason.SHAPE, "no AggregateTrade: list of 0")),
        ("x", Fault(RejectReason.SHAPE, "no AggregateTrade: 'x'")),
        ({}, Fault(RejectReason.SHAPE, "no s")),
        ({**TRADE, "p": "-1"}, Fault(RejectReason.NEGATIVE, "p '-1'")),
        ({**TRADE, "q": None}, Fault(RejectReason.TYPE, "q None")),
        ({**TRADE, "a": "9" * 41}, Fault(RejectReason.TOO_LONG, "a '" + "9" * 40 + "'")),
        ({**TRADE, "T": "9" * 30}, Fault(RejectReason.TIME, "T '" + "9" * 30 + "'")),
        ({**TRADE, "m": "perhaps"}, Fault(RejectReason.TYPE, "m 'perhaps'")),
    ],
)
def test_the_first_fault_is_named(element, fault):
    assert read(form.AggregateTrade, element, NOON) == fault


def test_a_fault_within_is_named_with_its_place():
    fault = read(form.Kline, {"E": "1792411200000", "s": "BTCUSDT", "k": {"t": "1"}}, NOON)

    assert fault == Fault(RejectReason.TIME, "k t '1'")


def test_a_row_too_short_names_what_is_missing():
    assert read(form.RestKline, KLINE[:8], NOON) == Fault(RejectReason.SHAPE, "no n")


@pytest.mark.parametrize(
    ("text", "hides"),
    [
        (b'{"p":"1.5"}', False),
        (b'{"p":"-1.5","x":"a-b"}', False),
        (b'{"p":"-1","q":"1e-400"}', True),
        (b'{"p":"1E-9"}', True),
        (b"-e", False),
    ],
)
def test_negative_exponents_are_seen(text, hides):
    assert hides_exponent(text) is hides
