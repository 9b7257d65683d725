"""How an alert stands, and how it is found."""

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.bot.standing import counted, find_alert, sentence_of, state_of, subject_of
from crypto_portfolio_analyzer.bot.words import Words
from crypto_portfolio_analyzer.core.alerts import Alert, AlertState, Standing
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN

ALERT = Alert(id="a", number=1, owner="ada", name="x", symbols=("BTC/USDT",), condition="price > 1")


def standing(state):
    return Standing(alert_id="a", symbol="BTC/USDT", revision=1, state=state)


def test_the_liveliest_state_is_shown_and_a_paused_alert_is_paused():
    states = [standing(AlertState.DONE), standing(AlertState.ARMED), standing(AlertState.NO_DATA)]

    assert state_of(ALERT, states) is AlertState.ARMED
    assert state_of(ALERT, []) is AlertState.WARMING
    assert state_of(replace(ALERT, enabled=False), states) is AlertState.PAUSED


def test_many_symbols_and_watchlists_have_short_names():
    assert subject_of(replace(ALERT, symbols=("A/B", "C/D", "E/F"))) == "A/B, C/D +1"
    assert subject_of(replace(ALERT, watchlist="top")) == "top"
    assert sentence_of(ALERT, "de") == "BTC/USDT: der Preis liegt über 1"


def test_one_is_not_many():
    assert [counted(Words("en"), each) for each in (0, 1, 2)] == ["0 alerts", "1 alert", "2 alerts"]


@pytest.mark.parametrize("text", ["1", "#1", " Breakout ", "id"])
async def test_an_alert_is_found_by_number_name_and_id(house, text):
    alert = await house.alert(name="Breakout")

    assert await find_alert(house.app, LOCAL_ADMIN, alert.id if text == "id" else text) == alert
    assert await find_alert(house.app, "somebody", text) is None


@pytest.mark.parametrize("text", ["", "2", "0", "99999999999999999999", "²", "x"])
async def test_what_names_no_alert_finds_none(house, text):
    await house.alert()

    assert await find_alert(house.app, LOCAL_ADMIN, text) is None
