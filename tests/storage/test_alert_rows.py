"""Tests of storage/alert_rows.py."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Alert, Rearm, Severity, Trigger
from crypto_portfolio_analyzer.storage.alert_rows import (
    COLUMNS,
    alert_of,
    alert_of_definition,
    alert_values,
    digest,
    texts,
    to_json,
)
from tests.storage.made import alert

words = st.text(max_size=20)
lists = st.lists(words, max_size=4).map(tuple)
instants = st.integers(0, 2**63 - 1)
levels = st.floats(allow_nan=False, allow_infinity=False)
rearms = st.none() | st.builds(Rearm, level=levels) | st.builds(Rearm, percent=levels)
alerts = st.builds(
    Alert, id=words, number=st.integers(1, 2**31), owner=words, name=words, symbols=lists, condition=words,
    timeframe=words, trigger=st.sampled_from(Trigger), cooldown=instants, rearm=rearms, fresh=st.booleans(),
    expires_at=st.none() | instants, max_triggers=st.none() | instants, severity=st.sampled_from(Severity),
    message=words, channels=lists, tags=lists, watchlist=st.none() | words, enabled=st.booleans(),
    revision=st.integers(1, 2**31), created_at=instants, updated_at=instants, source=words,
)  # fmt: skip


@given(alerts)
def test_any_alert_survives_the_way_into_a_row_and_back(made):
    values = alert_values(made) | {"number": made.number}

    assert alert_of([values[column.name] for column in COLUMNS]) == made


@given(alerts)
def test_any_alert_survives_the_way_into_a_definition_and_back(made):
    assert alert_of_definition(to_json(made)) == made


def test_alike_lists_are_one_tuple():
    assert texts('["BTC/USDT"]') is texts('["BTC/" + "USDT"]'.replace('" + "', ""))
    assert texts("[]") == ()


def test_what_is_no_number_is_null():
    assert to_json({"price": math.nan}) == '{"price":null}'


@pytest.mark.parametrize(
    "same", [{"id": "other"}, {"number": 7}, {"revision": 2}, {"created_at": 5}, {"updated_at": 5}]
)
def test_digest_is_of_what_was_asked_for_not_of_what_the_store_adds(same):
    assert digest([replace(alert(), **same)]) == digest([alert()])


@pytest.mark.parametrize(
    "other", [{"condition": "price < 1"}, {"symbols": ()}, {"tags": ("a",)}, {"owner": "bob"}]
)
def test_digest_of_another_request_is_another(other):
    assert digest([replace(alert(), **other)]) != digest([alert()])
    assert digest([alert(), alert()]) != digest([alert()])
