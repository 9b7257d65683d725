"""What wire text is worth: exact reasons, exact instants, bounded memory."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from crypto_portfolio_analyzer.core import gate
from crypto_portfolio_analyzer.core.gate import Amount, Field, Kind, Names, Price
from crypto_portfolio_analyzer.core.market import Fact, Other, Reject, RejectReason
from crypto_portfolio_analyzer.errors import InvalidSymbol
from tests.fakes import NOON


class Row(Struct):
    p: Price
    q: Amount | None = None


KIND = Kind("venue", "row", Row, (Field("p", gate.price), Field("q", gate.amount, optional=True)))


def build(row: Row) -> Fact | None:
    return Other("venue", f"{row.p}", NOON)


def test_an_instant_is_exact_to_the_microsecond():
    instant = datetime(2026, 11, 20, 12, 0, 0, 123_457, UTC)

    assert gate.nanoseconds(instant) == NOON + 123_457_000


@given(st.integers(0, 10**11 - 1), st.integers(0, 10**9 - 1))
def test_decimal_seconds_lose_no_digit(seconds, fraction):
    assert gate.seconds_text(f"{seconds}.{fraction:09d}") == seconds * 10**9 + fraction


@pytest.mark.parametrize("text", ["", "-1", "1e9", "1.", ".5", "\u0661", "1 ", "9" * 12])
def test_other_texts_are_no_seconds(text):
    assert gate.seconds_text(text) == 0


def test_whole_seconds_are_told_as_iso():
    assert gate.iso(NOON + 999_999_999) == "2026-11-20T12:00:00Z"


def test_a_name_is_inferred_once():
    asked: list[str] = []

    def infer(name: str) -> str:
        asked.append(name)
        return name.replace("-", "/")

    names = Names({"XBT-USD": "BTC/USD"}, infer)

    assert [names["XBT-USD"], names["A-B"], names["A-B"]] == ["BTC/USD", "A/B", "A/B"]
    assert asked == ["A-B"]


def test_names_are_remembered_within_a_bound():
    names = Names(None, str)

    for number in range(30_000):
        assert names[f"N{number}"] == f"N{number}"

    assert len(names) == 20_000


def test_a_name_of_no_market_is_not_remembered():
    def refuse(name: str) -> str:
        raise InvalidSymbol(name)

    names = Names(None, refuse)

    with pytest.raises(InvalidSymbol):
        names["?"]
    assert not names


@pytest.mark.parametrize(
    ("frame", "is_odd"),
    [
        (b'{"p":"1.5","id":"3dec64e4-f6ad-4ca8-ad3f-e5b1a0eb0d06"}', False),
        (b'{"t":"2026-11-20T11:59:58.120456Z","p":1e-7}', True),
        (b'{"p":"' + b"1" * 40 + b'"}', False),
        (b'{"p":"' + b"1" * 41 + b'"}', True),
        (b'{"p":1.' + b"0" * 40 + b"}", True),
        (b'["1E-400"]', True),
        (b'["1E+20"]', False),
    ],
)
def test_numbers_too_long_or_too_near_to_zero_are_noticed(frame, is_odd):
    assert gate.has_odd_number(frame) is is_odd


@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        ([{"p": "1"}, {"p": "nan"}, {"p": "2"}], [None, RejectReason.NAN, None]),
        ([{"p": "1", "q": "0"}, {"p": "0"}], [None, RejectReason.ZERO]),
        (
            [{"p": "1", "q": ""}, {}, 7, None],
            [None, RejectReason.SHAPE, RejectReason.SHAPE, RejectReason.SHAPE],
        ),
        ([{"p": "1e-31"}, {"p": "9" * 41}], [RejectReason.EXPONENT, RejectReason.TOO_LONG]),
        ([{"p": "0.0000000000000000000000000000001"}], [RejectReason.RANGE]),
        ([{"p": "1", "q": "-1"}, {"p": True}], [RejectReason.NEGATIVE, RejectReason.TYPE]),
    ],
)
def test_a_bad_element_spoils_only_itself(body, reasons):
    facts = KIND.read(json.dumps(body).encode(), build, NOON)

    assert [fact.reason if isinstance(fact, Reject) else None for fact in facts] == reasons


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000, b"[1,", b"nope"])
def test_a_broken_body_is_one_reject(body):
    (fact,) = KIND.read(body, build, NOON)

    assert isinstance(fact, Reject)
    assert fact.reason is RejectReason.JSON


def test_what_is_no_list_is_refused():
    (fact,) = KIND.read(b'{"message":"NotFound"}', build, NOON)

    assert isinstance(fact, Reject)
    assert fact.reason is RejectReason.SHAPE


@given(st.text() | st.binary() | st.lists(st.integers()))
def test_a_hostile_value_is_shown_short_and_printable(value):
    shown = gate.shown(value)

    assert shown.isascii()
    assert shown.isprintable()
    assert len(shown) < 500


@pytest.mark.parametrize(
    ("price", "opened", "change"),
    [
        (110.0, 100.0, (10.0, 10.0)),
        (90.0, 100.0, (-10.0, -10.0)),
        (1.0, None, (None, None)),
        (1.0, 0.0, (None, None)),
    ],
)
def test_change_is_price_minus_open(price, opened, change):
    assert gate.change_since(price, opened) == pytest.approx(change)


def test_a_change_that_cannot_be_right_is_not_told():
    assert gate.change_since(1e14, 1e-29)[1] is None
    assert gate.change_of(1e14, -100 + 1e-13) is None
    assert gate.worth(1e17, 1e14) is None


def test_a_percentage_gives_its_change():
    assert gate.change_of(110.0, 10.0) == pytest.approx(10.0)
    assert gate.change_of(110.0, None) is None
    assert gate.change_of(110.0, -100.0) is None
