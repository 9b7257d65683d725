"""What a back-test says, as JSON and as text."""

from typing import Any

import pytest

from crypto_portfolio_analyzer.cli.alert_past import asked_of_bars, asked_of_server, how, show, thresholds
from crypto_portfolio_analyzer.cli.barsource import bars_of_file
from crypto_portfolio_analyzer.cli.failures import Failed
from crypto_portfolio_analyzer.core.alerts import Rearm, Trigger
from crypto_portfolio_analyzer.errors import InvalidInput, UnknownName
from tests.cli.shelf import Said, shelf
from tests.fakes import NOON, SECOND

USUAL: dict[str, Any] = {"trigger": None, "cooldown": None, "rearm_percent": None, "rearm_level": None}


def asked_of_file(condition, path, symbol, timeframe, asked, swept=None):
    bars = bars_of_file(path, symbol=symbol, timeframe=timeframe)
    return asked_of_bars(condition, bars, timeframe, asked, swept)


@pytest.fixture
def path(tmp_path):
    """Seventy minutes: 100, then 110 in every tenth; two are missing."""
    rows = ["timestamp,open,high,low,close,volume"]
    for number in range(70):
        price = 110 if number % 10 == 9 else 100
        if number not in (51, 52):
            rows.append(f"{NOON // SECOND + number * 60},{price},{price},{price},{price},1")
    made = tmp_path / "btc.csv"
    made.write_text("\n".join(rows))
    return made


def test_the_document_is_the_contract_s(path):
    told = asked_of_file("close > 105", path, "BTC", None, how(USUAL))

    assert (told["count"], told["bars"], told["symbol"], told["timeframe"]) == (7, 68, "BTC/USDT", "1m")
    assert told["trigger"] == "once_per_bar_close"
    assert told["firings"][0] == {
        "event_at": "2026-11-20T12:10:00.000Z", "price": "110", "bar_open_at": "2026-11-20T12:09:00.000Z",
        "approximated": False, "values": told["firings"][0]["values"],
    }  # fmt: skip
    assert list(told["firings"][0]["values"].values()) == [110.0]
    assert told["holes"] == [
        {"from_at": "2026-11-20T12:51:00.000Z", "until_at": "2026-11-20T12:53:00.000Z", "missing": 2}
    ]
    hour, day = told["outcomes"]
    assert (hour["after_seconds"], hour["count"], day["count"], day["median_percent"]) == (3600, 1, 0, None)
    assert "sweep" not in told


def test_a_sweep_is_told_beside_it(path):
    told = asked_of_file("close > 105", path, None, None, how(USUAL), ("90..110", 3))

    assert [(each["value"], each["count"]) for each in told["sweep"]] == [(90, 68), (100, 7), (110, 0)]


def test_options_change_how_it_fires(path):
    held = asked_of_file("close > 0", path, None, None, how(USUAL | {"cooldown": "10m"}))

    assert held["count"] < 68
    assert held["count"] + held["suppressed"] == 68
    told = how(USUAL | {"trigger": "once", "rearm_percent": 2.0})
    assert (told.trigger, told.cooldown, told.rearm) == (Trigger.ONCE, 0, Rearm(percent=2.0))
    with pytest.raises(UnknownName, match="did you mean 'every_time'"):
        how(USUAL | {"trigger": "everytime"})


def test_a_timeframe_of_the_alert_may_be_longer_than_the_file_s(path):
    told = asked_of_file("close > 0", path, None, "10m", how(USUAL))

    assert (told["count"], told["timeframe"]) == (7, "10m")


def test_text_says_it_in_a_sentence_and_names_what_is_missing(path):
    heard = Said()

    show(asked_of_file("close > 0", path, "BTC", None, how(USUAL), ("1..2", 2)), heard.output, "en")

    assert "BTC/USDT: close > 0" in heard.out.splitlines()[0]
    assert "fires 68 times in 68 bars of 2026-11-20 to 2026-11-20 (once_per_bar_close, 1m)" in heard.out
    assert "1h later: median" in heard.out
    assert "2 bars are missing in 1 holes" in heard.out
    assert "THRESHOLD" in heard.out
    assert "the newest 20 of 68" in heard.err


@pytest.mark.parametrize("text", ["", "1", "a..b", "1..", "nan..1", "1e400..2"])
def test_a_range_that_is_none_is_refused(text):
    with pytest.raises(InvalidInput, match="no range of thresholds"):
        thresholds(text)


async def test_without_a_file_the_server_is_asked(tmp_path):
    async with shelf(tmp_path) as kept:
        options = how(USUAL | {"rearm_level": 5.0, "cooldown": "1m"})
        await asked_of_server(kept.settings, "price > 1", ("BTC", None, 7.0), options, ("1..2", 3))
        with pytest.raises(Failed, match="no bars to ask"):
            await asked_of_server(kept.settings, "price > 1", (None, None, 7.0), options)

    assert kept.asked == [
        (
            "POST",
            "/api/alerts/backtest",
            {
                "condition": "price > 1", "symbol": "BTC", "timeframe": "1m", "days": 7.0, "trigger": None,
                "cooldown_seconds": 60.0, "rearm": {"level": 5.0},
                "sweep": {"from": 1.0, "to": 2.0, "steps": 3},
            },
        )
    ]  # fmt: skip
