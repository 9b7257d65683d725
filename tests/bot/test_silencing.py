"""Silences by command and by button."""

import pytest

from crypto_portfolio_analyzer.core.timeframes import HOUR
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN


async def silences(house):
    return await house.app.alert_store.silences(LOCAL_ADMIN, house.app.clock.now())


@pytest.mark.parametrize(
    ("text", "matchers", "hours"),
    [("/silence 4h", {"name": "*"}, 4), ("/silence btc 90m", {"symbol": "BTC/USDT"}, 1.5)],
)
async def test_a_line_silences_everything_or_a_symbol(house, text, matchers, hours):
    anna = await house.linked("Anna")
    before = house.app.clock.now()

    message = await house.said(anna, text)

    (made,) = await silences(house)
    assert dict(made.matchers) == matchers
    assert 0 <= made.ends_at - before - hours * HOUR < 10**10
    assert message.text.startswith("🔕 Quiet until ")


async def test_buttons_silence_and_end(house):
    anna = await house.linked("Anna", language="de")
    page = await house.said(anna, "/silence")
    assert page.labels[0] == ["🔕 1 h", "🔕 4 h", "🔕 24 h"]

    await house.pressed(anna, "🔕 4 h", page)
    assert len(await silences(house)) == 1
    await house.pressed(anna, "Beenden: alles", page)

    assert await silences(house) == []
    assert page.text.endswith("Nichts ist still.")


@pytest.mark.parametrize(
    ("text", "said"),
    [("/silence soon", "soon is no duration."), ("/silence !! 4h", "I don't know !!.")],
)
async def test_what_cannot_be_read_is_said(house, text, said):
    anna = await house.linked("Anna")

    assert (await house.said(anna, text)).text.startswith(said)
    assert await silences(house) == []
