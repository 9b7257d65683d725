"""Alerts, firings, explanations and silences as text."""

from typing import Any

from crypto_portfolio_analyzer.cli import alert_views
from tests.cli.shelf import FIRING, Said, view
from tests.fakes import MINUTE, NOON


def said(show, *arguments: Any) -> Said:
    heard = Said()
    show(*arguments[:1], heard.output, *arguments[1:])
    return heard


def test_alerts_are_one_line_each_and_the_last_line_names_the_next_command():
    alerts = [
        view(
            1,
            nearest_percent=0.84,
            fired_30d=6,
            last_fired_at="2026-11-20T11:59:00.000Z",
            channels=["telegram"],
        ),
        view(2, state="error", symbols=["BTC/USDT", "ETH/USDT"], condition="price > 1\x1b[2J"),
    ]

    heard = said(alert_views.show_alerts, alerts, NOON)

    first, second = heard.out.splitlines()[1:]
    assert first.split() == "1aaa armed BTC/USDT price > 1 0.8% 6 11:59:00 telegram".split()
    assert "BTC/USDT +1" in second
    assert "\x1b" not in heard.out
    assert heard.err == "2 alerts, 1 with a problem.  Next: crypto-analyzer alerts explain 2aaa\n"


def test_no_alerts_teach_how_to_make_one():
    heard = said(alert_views.show_alerts, [], NOON)

    assert (heard.out, "alerts add --symbol BTC" in heard.err) == ("no alerts yet\n", True)


def test_an_alert_is_shown_with_what_it_asks_and_nothing_empty():
    heard = said(alert_views.show_alert, view(rearm={"level": None, "percent": 0.2}, tags=["x", "y"]), NOON)

    assert "re-arm     percent 0.2" in heard.out
    assert "tags       x, y" in heard.out
    assert "message" not in heard.out


def test_firings_say_how_sure_they_are():
    heard = said(alert_views.show_firings, [FIRING | {"price": None}], NOON + MINUTE)

    assert heard.out.splitlines()[1].split() == "12:00:00 BTC/USDT – a late, SIM f0f0f0f0".split()
    assert said(alert_views.show_firings, [], NOON).out == "nothing fired\n"


def test_a_question_that_cannot_be_told_says_what_is_missing():
    leaf = {
        "text": "rsi(14) < 30",
        "holds": None,
        "value": None,
        "distance": None,
        "missing": "3 of 294 bars",
    }

    assert alert_views.leaf_line(leaf) == "? rsi(14) < 30, 3 of 294 bars"


def test_silences_are_told_with_their_ends():
    silence = {
        "id": "s1", "matchers": {"tag": "x"}, "starts_at": "2026-11-20T12:00:00Z",
        "ends_at": "2026-11-20T14:00:00Z", "comment": "maintenance",
    }  # fmt: skip

    heard = said(alert_views.show_silences, [silence], NOON)

    assert heard.out.splitlines()[1].split() == "s1 tag=x 12:00:00 14:00:00 maintenance".split()


def test_an_alert_that_nobody_has_judged_says_so():
    assert (
        said(alert_views.show_explanations, {"explanations": []}).out == "nothing of it has been judged yet\n"
    )
