"""The gate in Binance's wire types."""

from typing import Any

import pytest
from msgspec import ValidationError
from msgspec.json import Decoder

from crypto_portfolio_analyzer.exchanges.binance import wire as form


def read(kind: Any, text: str) -> Any:
    return Decoder(kind, strict=False).decode(f'"{text}"'.encode())


@pytest.mark.parametrize(
    "text", ["nan", "inf", "-inf", "Infinity", "-1", "0", "-0.0", "1e-31", "1e15", "1e400", "1_0", ""]
)
def test_the_parser_itself_refuses_what_is_no_price(text):
    with pytest.raises(ValidationError):
        read(form.Price, text)


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "1e18"])
def test_the_parser_itself_refuses_what_is_no_amount(text):
    with pytest.raises(ValidationError):
        read(form.Amount, text)


@pytest.mark.parametrize("text", ["0.00000001", "58942.01000000", "999999999999999", "0.1", "1e5"])
def test_numbers_are_what_python_reads(text):
    assert read(form.Price, text) == float(text)


def test_nothing_is_no_amount_but_zero_is_one():
    assert read(form.Amount, "0.00000000") == 0.0


@pytest.mark.parametrize(
    "kind",
    [form.AggregateTrade, form.DayTicker, form.BookTicker, form.Kline, form.DepthUpdate, form.RestTicker],
)
def test_wire_forms_are_free_for_the_collector(kind):
    assert kind.__struct_config__.gc is False
