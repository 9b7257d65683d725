"""Drafts: what people ask for is read whole, or every fault of it is told at once."""

import math
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict

from crypto_portfolio_analyzer.core.alerts import Alert, AlertDraft, Rearm, Severity, Trigger
from crypto_portfolio_analyzer.engine.drafts import FIELDS, draft_of, duration_of, fields_of
from crypto_portfolio_analyzer.errors import InvalidCondition, InvalidFields, InvalidInput
from tests.fakes import NOON, SECOND

HOUR = 3600 * SECOND
LEAST = {"name": "btc breakout", "symbol": "BTC/USDT", "condition": "price > 65000"}


def read(path: str = "", **fields: Any) -> AlertDraft:
    return draft_of(LEAST | fields, now=NOON, path=path)


def faults(path: str = "", **fields: Any) -> dict[str, str]:
    """Return what is wrong by path."""
    with pytest.raises(InvalidFields) as caught:
        read(path, **fields)
    return {fault.path: f"{fault.problem}; {fault.remedy}" for fault in caught.value.faults}


def stored(draft: AlertDraft) -> Alert:
    return Alert(id="a1", number=1, owner="me", **asdict(draft))


def test_three_fields_are_enough():
    draft = read()

    assert (draft.name, draft.symbols, draft.trigger) == ("btc breakout", ("BTC/USDT",), Trigger.ONCE)
    assert (draft.cooldown, draft.timeframe, draft.severity) == (60 * SECOND, "1m", Severity.INFO)
    assert (draft.enabled, draft.fresh, draft.rearm, draft.expires_at) == (True, False, None, None)


def test_every_field_is_read():
    draft = read(
        timeframe="60m", trigger="once_per_bar", cooldown_seconds=90, rearm={"level": "64000"}, max_triggers=3,
        expires_at="2026-11-21T00:00:00+01:00", severity="critical", message=" up ", channels=["t"], tags=["a", "a"],
        fresh=True, enabled=False,
    )  # fmt: skip

    assert (draft.timeframe, draft.trigger, draft.cooldown) == ("1h", Trigger.ONCE_PER_BAR, 90 * SECOND)
    assert (draft.rearm, draft.max_triggers, draft.severity) == (Rearm(level=64000.0), 3, Severity.CRITICAL)
    assert (draft.expires_at, draft.message, draft.tags) == (NOON + 11 * HOUR, "up", ("a",))
    assert (draft.channels, draft.fresh, draft.enabled) == (("t",), True, False)


def test_yaml_writes_durations_as_text_and_instants_as_they_are():
    assert read(cooldown="0s").cooldown == 0
    assert read(cooldown="1.5h").cooldown == 5400 * SECOND
    assert read(expires_at="4h").expires_at == NOON + 4 * HOUR
    assert read(expires_at=datetime(2026, 11, 21, tzinfo=UTC)).expires_at == NOON + 12 * HOUR
    assert read(expires_at=date(2026, 11, 21)).expires_at == NOON + 12 * HOUR


def test_a_subject_is_a_symbol_several_or_a_watchlist():
    fields = {key: value for key, value in LEAST.items() if key != "symbol"}

    assert draft_of({**fields, "symbols": ["BTC", "eth-usdt"]}, now=NOON).symbols == ("BTC", "eth-usdt")
    assert draft_of({**fields, "symbol": "*"}, now=NOON).symbols == ("*",)
    assert draft_of({**fields, "symbols": "*"}, now=NOON).symbols == ("*",)
    assert draft_of({**fields, "watchlist": "majors"}, now=NOON).watchlist == "majors"


def test_what_is_none_was_not_given():
    nothing: dict[str, Any] = dict.fromkeys(set(FIELDS) - set(LEAST))

    assert read(**nothing) == read()


def test_the_condition_comes_back_as_it_is_spelt():
    assert read(condition="PRICE  >  65_000").condition == read(condition="price > 65_000").condition


def test_every_fault_is_told_at_once_with_its_place_and_remedy():
    told = faults(
        path="alerts[3].", name="", condition="price >", timeframe="7m", trigger="twice", cooldown_seconds=-1,
        rearm={"level": 1, "percent": 2}, expires_at="2020-01-01T00:00:00Z", max_triggers=0, severity="loud",
        message=5, channels="telegram", tags=[1], fresh="yes", enabled=1, trigge="once",
    )  # fmt: skip

    named = "name condition timeframe trigger cooldown_seconds rearm expires_at max_triggers severity message"
    assert set(told) == {
        f"alerts[3].{name}" for name in f"{named} channels tags fresh enabled trigge".split()
    }
    assert "did you mean 'trigger'" in told["alerts[3].trigge"]
    assert "is over" in told["alerts[3].expires_at"]
    assert "once_per_minute" in told["alerts[3].trigger"]
    assert all(not each.endswith("; ") for name, each in told.items() if name != "alerts[3].condition")


def test_a_condition_alone_at_fault_is_shown_with_its_place():
    with pytest.raises(InvalidCondition) as caught:
        read(condition="price crosses abov 50000")

    assert caught.value.start >= len("price")
    assert list(faults(path="alerts[0].", condition="price >")) == ["alerts[0].condition"]


@pytest.mark.parametrize(
    "number", [math.nan, math.inf, -math.inf, 1e308 * 10, "1e400", "nan", True, [], "ten"]
)
def test_a_number_is_finite(number):
    assert "rearm" in faults(rearm={"level": number})
    assert "rearm" in faults(rearm={"percent": number})
    assert "cooldown_seconds" in faults(cooldown_seconds=number)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"symbol": None}, "symbol"),
        ({"symbols": ["ETH"]}, "symbol and symbols"),
        ({"symbol": "no symbol!"}, "symbol"),
        ({"symbol": None, "symbols": []}, "symbols"),
        ({"symbol": None, "symbols": ["*", "BTC"]}, "symbols"),
        ({"cooldown": "1m", "cooldown_seconds": 60}, "cooldown"),
        ({"cooldown": "a while"}, "cooldown"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": "20y"}, "expires_at"),
        ({"expires_at": "2100-01-01"}, "expires_at"),
        ({"rearm": 5}, "rearm"),
        ({"rearm": {}}, "rearm"),
        ({"rearm": {"percent": 0}}, "rearm"),
        ({"max_triggers": 1.5}, "max_triggers"),
        ({"name": "x" * 101}, "name"),
        ({"tags": ["t"] * 51}, "tags"),
        ({"timeframe": 5}, "timeframe"),
    ],
)
def test_what_cannot_be_meant_is_refused(fields, place):
    told = faults(**fields)

    assert list(told) == [place]
    assert not told[place].endswith("; ")


@pytest.mark.parametrize("odd", ["\0", "\ud83d"])
def test_characters_that_no_database_keeps_are_refused_with_their_place(odd):
    text = f"abc{odd}d"
    told = faults(name=text, message=text, tags=["fine", text], channels=[text])

    assert list(told) == ["name", "message", "channels", "tags"]
    assert set(told.values()) == {f"holds {odd!a} at position 4; leave that character out"}
    assert "".join(faults(**{f"tag{odd}": "x"})).isprintable()
    with pytest.raises(InvalidInput):
        read(condition=f"price > 1{odd}")
    assert read(message="line\nbreak 🚀").message == "line\nbreak 🚀"


def test_impossible_thresholds_are_refused():
    for condition in ("price > nan", "price > 1e400", "rsi(14) > 50000"):
        with pytest.raises(InvalidInput):
            read(condition=condition)


numbers = st.floats(0.001, 1e9, allow_nan=False)


@given(
    trigger=st.sampled_from([str(each) for each in Trigger]),
    cooldown_seconds=st.integers(0, 10**6) | st.floats(0, 1e6).map(lambda each: round(each, 3)),
    rearm=st.none()
    | numbers.map(lambda each: {"level": each})
    | st.floats(0.1, 99).map(lambda x: {"percent": x}),
    expires_at=st.none() | st.sampled_from(["1h", "90s", "2027-01-01T00:00:00.123456Z"]),
    max_triggers=st.none() | st.integers(1, 1000),
    tags=st.lists(st.sampled_from("abc"), max_size=3),
    enabled=st.booleans(),
)
def test_fields_of_an_alert_make_the_same_alert(**fields):
    draft = read(**fields)

    assert draft_of(fields_of(stored(draft)), now=NOON) == draft


def test_fields_of_several_symbols_and_of_a_watchlist():
    fields = {key: value for key, value in LEAST.items() if key != "symbol"}
    for subject in ({"symbols": ["BTC/USDT", "ETH/USDT"]}, {"watchlist": "majors"}):
        told = fields_of(stored(draft_of({**fields, **subject}, now=NOON)))

        assert {
            key: value for key, value in told.items() if key in ("symbol", "symbols", "watchlist")
        } == subject


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("15m", 900), ("4h", 14400), ("1d", 86400), (2.5, 2.5)]
)
def test_durations(text, seconds):
    assert duration_of(text) == seconds * SECOND
