"""Alerts as code: a file is read whole or not at all, and what is written can be read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.alerts import Alert, Rearm, Severity, Trigger
from crypto_portfolio_analyzer.engine.alertfiles import MOST_ALERTS, read_alert_file, written
from crypto_portfolio_analyzer.engine.drafts import fields_of
from crypto_portfolio_analyzer.errors import InvalidFields
from tests.fakes import MINUTE, NOON, SECOND

BREAKOUT = """\
version: 1
alerts:
  - name: btc breakout            # unique per owner
    symbol: BTC/USDT
    condition: price crosses above 65000
    timeframe: 1m
    trigger: every_time
    cooldown: 0s
    rearm: {percent: 0.2}
    channels: [telegram]
"""


def faults(text: str) -> list[str]:
    with pytest.raises(InvalidFields) as caught:
        read_alert_file(text.encode(), now=NOON)
    return [f"{each.path}: {each.problem}; {each.remedy}" for each in caught.value.faults]


def test_the_contract_s_own_file_is_read():
    (draft,) = read_alert_file(BREAKOUT.encode(), now=NOON)

    assert (draft.name, draft.symbols, draft.trigger) == ("btc breakout", ("BTC/USDT",), Trigger.EVERY_TIME)
    assert (draft.cooldown, draft.rearm, draft.channels) == (0, Rearm(percent=0.2), ("telegram",))
    assert draft.source == "yaml"


def test_one_alert_may_watch_many_symbols():
    text = BREAKOUT.replace("symbol: BTC/USDT", "symbols: [BTC, ETH/USDT, SOLUSDT]")

    assert read_alert_file(text.encode(), now=NOON)[0].symbols == ("BTC", "ETH/USDT", "SOLUSDT")


def test_every_fault_is_told_at_once_with_its_place():
    told = faults(
        "version: 1\nalerts:\n"
        "  - name: a\n    symbol: BTC\n    condition: price > 1\n    triger: once\n"
        "  - name: a\n    symbol: BTC\n    condition: price crosses abov 1\n"
        "  - just a text\n"
        "  - name: c\n    symbol: BTC\n    condition: price > 1\n    cooldown: soon\n"
        "  - symbol: BTC\n    condition: price > 1\n"
    )

    assert any(each.startswith("line 6, column 5: alerts[0].triger: is no field") for each in told)
    assert any("did you mean 'trigger'?" in each for each in told)
    assert any(each.startswith("line 9, column 5: alerts[1].condition: ") and "^^^^" in each for each in told)
    assert any(
        each.startswith("line 7, column 5: alerts[1].name: 'a' is the name of line 3") for each in told
    )
    assert any(each.startswith("line 10, column 5: alerts[2]: is no alert") for each in told)
    assert any(each.startswith("line 14, column 5: alerts[3].cooldown: ") for each in told)
    assert any(each.startswith("line 15, column 5: alerts[4].name: is missing") for each in told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1, column 1: holds no alerts"),
        ("- a\n", "line 1, column 1: holds no alerts"),
        ("version: 2\nalerts: []\n", "line 1, column 1: version: is 2"),
        ("alerts: []\n", "line 1, column 1: version: is None"),
        ("version: 1\n", "line 1, column 1: alerts: is missing"),
        ("version: 1\nalerts: 3\n", "line 2, column 1: alerts: is no list"),
        ("version: 1\nalets: []\n", "line 2, column 1: alets: is unknown; did you mean 'alerts'?"),
    ],
)
def test_what_stands_around_the_alerts_is_checked_too(text: str, told: str):
    assert any(each.startswith(told) for each in faults(text))


def test_a_file_of_ten_thousand_lines_is_read_and_its_last_fault_found():
    rows = [f"  - name: a{n}\n    symbol: BTC\n    condition: price > {n + 1}\n" for n in range(3333)]
    text = "version: 1\nalerts:\n" + "".join(rows)

    assert len(read_alert_file(text.encode(), now=NOON)) == 3333
    assert faults(text + "    nonsense: 1\n")[0].startswith("line 10002, column 5: alerts[3332].nonsense")


def test_too_many_alerts_are_refused():
    text = "version: 1\nalerts:\n" + "  - x\n" * (MOST_ALERTS + 1)

    assert faults(text)[0].startswith("line 2, column 1: alerts: holds 10001")


words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(
    names=st.lists(words, min_size=1, max_size=4, unique=True),
    message=st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=40).map(str.strip),
    tags=st.lists(words, max_size=3, unique=True),
    cooldown=st.integers(0, 100_000),
    trigger=st.sampled_from(list(Trigger)),
    rearm=st.none()
    | st.builds(Rearm, percent=st.floats(0.01, 100))
    | st.builds(Rearm, level=st.floats(-9, 9)),
    symbols=st.lists(st.sampled_from(["BTC/USDT", "ETH/USDT", "1INCH/USDT"]), min_size=1, unique=True),
    expires=st.none() | st.integers(1, 10_000).map(lambda minutes: NOON + minutes * MINUTE),
)
def test_what_is_written_is_read_as_the_same(
    *, names, message, tags, cooldown, trigger, rearm, symbols, expires
):
    alerts = [
        Alert(
            id=name, number=0, owner="me", name=name, symbols=tuple(symbols), condition="price > 1",
            message=message, tags=tuple(tags), cooldown=cooldown * SECOND, trigger=trigger, rearm=rearm,
            expires_at=expires, severity=Severity.CRITICAL, max_triggers=3, fresh=True,
        )
        for name in names
    ]  # fmt: skip

    drafts = read_alert_file(written(map(fields_of, alerts)).encode(), now=NOON)

    for alert, draft in zip(alerts, drafts, strict=True):
        for field in draft.__struct_fields__:
            if field != "source":
                assert getattr(draft, field) == getattr(alert, field), field
