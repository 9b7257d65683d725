"""Messages read as agreed, in English and German, and no message is ever lost to its wording."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Cause, Operand, Severity
from crypto_portfolio_analyzer.core.notices.graphemes import width
from crypto_portfolio_analyzer.core.notices.notification import Content, Kind, Work
from tests.core.notices.hostile import HOSTILE
from tests.core.notices.made import (
    AT,
    CROSSING,
    FALL,
    RSI,
    alert,
    crossing,
    falls,
    firing,
    notice,
    overbought,
    told,
    work,
)

GOLDEN = Path(__file__).parent / "golden"
MINUTE = 60 * 10**9
LATE = {"late": True, "cause": Cause.GAP_BACKFILL, "detected_at": AT + 250 * 10**9}


def fired(condition, *leaves, of=None, **changes):
    made = alert(condition, **of or {})
    return work(firing(made, *leaves, **changes), made)


def late_by(number):
    """Return the work of a firing found an hour and a half after the first of its kind."""
    changes = {"id": f"f{number}", "event_at": AT + number * 31 * MINUTE, "detected_at": AT + 90 * MINUTE}
    return fired("price crosses above 65000", CROSSING, **LATE | changes)


CASES: dict[str, Callable[[], tuple[list[Work], dict[str, Any]]]] = {
    "crossing": lambda: ([crossing(message="take half off")], {"moves": {"BTC/USDT": 2.31}}),
    "rsi": lambda: ([overbought()], {"moves": {"BTC/USDT": -0.84}}),
    "both": lambda: ([fired("rsi(14) on 1h > 70 and price crosses above 65000", RSI, CROSSING)], {}),
    "move": lambda: ([fired("price falls by 5% in 15m", FALL, price=142.1)], {}),
    "late": lambda: ([fired("price crosses above 65000", CROSSING, **LATE)], {}),
    "approximated": lambda: (
        [fired("price crosses above 65000", CROSSING, approximated=True, bar_open_at=AT - 7 * 10**9, **LATE)],
        {},
    ),
    "simulated": lambda: ([crossing(severity=Severity.INFO)], {"simulated": True}),
    "repeat": lambda: ([overbought()], {"is_repeat": True, "attempt": 2}),
    "tiny": lambda: ([fired("price > 0.00000841", price=8.412e-06, of={"symbols": ("PEPE/USDT",)})], {}),
    "forgotten": lambda: ([replace(crossing(), alert=None)], {}),
    "digest": lambda: (falls(37), {"breadth": (88, 412)}),
    "digest_simulated": lambda: (falls(3), {"simulated": True, "is_repeat": True}),
    "digest_outage": lambda: ([late_by(n) for n in range(3)], {"at": AT + 1440 * MINUTE}),
    "test": lambda: ([work(kind=Kind.TEST, content=Content(title=""))], {}),
    "test_simulated": lambda: ([work(kind=Kind.TEST)], {"simulated": True}),
    "notice": lambda: ([notice()], {}),
    "inbound": lambda: ([notice("Buy BTC", "line one\nline two", Kind.INBOUND)], {}),
    "gone": lambda: ([work()], {}),
}


def text_of(notification):
    """Return all that a message says, as one text."""
    parts = (
        notification.headline,
        *notification.lines,
        *([f"note: {notification.note}"] if notification.note else []),
        *(f"more: {line}" for line in notification.more),
        *([f"body: {notification.body}"] if notification.body else []),
    )
    return "\n".join(parts) + "\n"


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("case", CASES)
def test_message_reads_as_agreed(case, language):
    works, changes = CASES[case]()
    notification = told(*works, options={"language": language}, **changes)

    assert text_of(notification) == (GOLDEN / f"{case}.{language}.txt").read_text()
    assert notification.language == language
    json.dumps(notification.data)


def test_golden_files_are_all_used():
    assert {path.name for path in GOLDEN.iterdir()} == {
        f"{case}.{lang}.txt" for case in CASES for lang in ("en", "de")
    }


def test_zone_is_the_readers():
    assert "15:03:07 CET" in text_of(told(crossing(), options={"zone": "Europe/Berlin"}))


def test_types_and_keys_are_for_programs():
    one, many = told(crossing()), told(*falls(2))

    assert (one.type, one.key) == ("alert.fired", "msg_9f2c41abcdefghijklmnopqrst_chan1")
    assert many.type == "alert.digest"
    assert many.key == told(*falls(2), attempt=2).key != told(*falls(3)).key
    assert "." not in many.key
    assert told(notice()).type == "channel.notice"
    assert told(notice(kind=Kind.INBOUND)).type == "signal.inbound"
    assert told(notice(kind=Kind.TEST)).type == "channel.test"


def test_links_only_with_a_public_address():
    assert told(crossing()).url == ""
    assert (
        told(crossing(), public_url="https://a.example/x/").url
        == "https://a.example/x/firings/9f2c41abcdefghijklmnopqrst"
    )
    assert told(*falls(2), public_url="https://a.example").url == "https://a.example/firings"


def test_one_delivery_of_many_keeps_its_time_to_live():
    limited = crossing()
    limited = replace(limited, delivery=replace(limited.delivery, expires_at=AT + 5))

    assert told(limited).expires_at == AT + 5
    assert told(limited, limited).expires_at is None


def test_message_of_an_alert_is_a_template():
    notification = told(crossing(message='sell at {{close}}, {{plot("price")}}\nor  {{told.price}}'))

    assert notification.note == "sell at 65012.4, 65012.4 or 65,012.40"
    assert notification.data["message"] == notification.note


def test_template_of_a_channel_replaces_our_words():
    template = '{"p": {{close}}, "note": "{{alert.message}}", "name": "{{alert.name}}"}'
    notification = told(crossing(message='a "b" {{ticker}}', name='"x"\n'), options={"template": template})

    assert json.loads(notification.body) == {"p": 65012.4, "note": 'a "b" BTCUSDT', "name": '"x"'}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("where", ["message", "template"])
def test_template_that_fails_loses_no_message_and_says_so(where, language):
    options = {"language": language} | ({"template": "{{gone}}"} if where == "template" else {})
    notification = told(crossing(message="{{gone}}" if where == "message" else ""), options=options)

    assert notification.headline.startswith("🚨 BTC/USDT ▲ 65")
    assert notification.body == notification.note == ""
    assert ("template" if language == "en" else "Vorlage") in notification.lines[-1]


def test_value_that_is_no_number_loses_no_message():
    odd = replace(RSI, left=Operand("rsi(14) on 1h", float("inf"), 1.0))

    assert told(fired("rsi(14) on 1h > 70", odd)).lines[0] == "RSI(14) on 1h – > 70"


def test_severest_of_a_digest_speaks_first():
    calm, grave = falls(2), crossing()
    notification = told(*calm, grave)

    assert notification.severity is Severity.CRITICAL
    assert notification.lines[0].startswith("🚨 BTC/USDT")


TEXTS = st.one_of(st.text(max_size=600), st.sampled_from(HOSTILE))


@given(TEXTS, TEXTS, st.sampled_from(["en", "de"]), st.booleans(), st.booleans(), st.sampled_from(Severity))
def test_message_fits_and_holds_nothing_unseen(name, message, language, simulated, is_late, severity):
    works = fired(
        "rsi(14) on 1h > 70 and price crosses above 65000",
        RSI,
        CROSSING,
        of={"name": name, "message": message, "severity": severity},
        **LATE if is_late else {},
    )
    notification = told(works, options={"language": language}, simulated=simulated, is_repeat=True)

    assert width(notification.headline) <= 64
    assert width("\n".join((notification.headline, *notification.lines, *notification.more))) <= 400
    assert not set(map(ord, text_of(notification))) & UNSEEN
    text_of(notification).encode()


UNSEEN = {
    *range(10),
    *range(11, 32),
    *range(127, 160),
    0xAD,
    0x200B,
    0x200E,
    0x200F,
    *range(0x2028, 0x202F),
    0xFEFF,
}


@given(TEXTS, TEXTS)
def test_other_matters_are_clean_too(title, text):
    notification = told(notice(title, text))

    assert not set(map(ord, text_of(notification))) & UNSEEN
    assert notification.headline.startswith("⚠️")
