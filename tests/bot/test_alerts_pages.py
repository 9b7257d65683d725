"""The list of alerts, one of them, and what can be done with it."""

import pytest

from crypto_portfolio_analyzer.bot.english import ENGLISH
from crypto_portfolio_analyzer.core.alerts import AlertState
from crypto_portfolio_analyzer.errors import NotFound
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN


async def test_a_long_list_has_pages_that_fit_a_phone(house):
    anna = await house.linked("Anna")
    for number in range(12):
        await house.alert(f"price > {70_000 + number}", name=f"<i>{number}</i> " + "x" * 80)

    page = await house.said(anna, "/alerts")
    assert page.text.startswith("Alerts 1–5 of 12\n● 1 <i>0</i> xxx")
    assert len(page.text) <= 500
    assert page.labels[0] == ["1", "2", "3", "4", "5"]
    await house.pressed(anna, "More", page)
    await house.pressed(anna, "More", page)

    assert page.text.startswith("Alerts 11–12 of 12")
    assert page.labels == [["11", "12"], ["← Back"], ["← Menu", "＋ New"]]  # noqa: RUF001  # as the menu has it
    assert not house.server.fouls


async def test_one_alert_is_told_in_the_persons_language(house):
    bert = await house.linked("Bert", language="de")
    await house.alert("rsi(14) on 1h < 30", name="Tief", message="kaufen & halten")

    page = await house.said(bert, "/alerts")
    await house.pressed(bert, "1", page)

    assert page.html.split("\n")[1] == "BTC/USDT: RSI(14) im 1h-Chart liegt unter 30"
    assert page.html.endswith("<i>„kaufen &amp; halten“</i>")
    assert page.labels == [
        ["❓ Warum", "✎ Ändern", "⏸ Anhalten"],
        ["Bedingung kopieren", "Löschen"],
        ["← Alarme"],
    ]
    assert page.button("Bedingung")["copy_text"] == {"text": "rsi(14) on 1h < 30"}
    assert page.button("Löschen")["style"] == "danger"


async def test_why_says_what_holds_and_what_does_not(house):
    anna = await house.linked("Anna")
    await house.alert("price > 70000")
    house.tick("BTC/USDT", 65_100.0)

    page = await house.said(anna, "/alerts")
    await house.pressed(anna, "1", page)
    await house.pressed(anna, "❓ Why", page)

    assert "● BTC/USDT on watch\n✗ price > 70000 · 65,100.00 against 70,000.00" in page.text


async def test_pause_resume_delete_and_their_undoing(house):
    anna = await house.linked("Anna")
    alert = await house.alert(name="Breakout")

    page = await house.said(anna, "/pause Breakout")
    assert page.text == "⏸ Breakout is paused."
    assert not (await house.app.alert_store.get(LOCAL_ADMIN, alert.id)).enabled
    await house.pressed(anna, "↶ Undo", page)
    assert page.text == "▶ Breakout is on watch again."
    page = await house.said(anna, "/delete 1")
    with pytest.raises(NotFound):
        await house.app.alert_store.get(LOCAL_ADMIN, alert.id)
    await house.pressed(anna, "↶ Undo", page)

    (standing,) = (await house.app.alerts.standings(LOCAL_ADMIN, [alert.id]))[alert.id]
    assert standing.state in (AlertState.ARMED, AlertState.WARMING)


@pytest.mark.parametrize(
    ("command", "after"), [("delete", "is deleted."), ("pause", "is paused."), ("edit", "Type the condition")]
)
async def test_without_a_name_one_is_picked(house, command, after):
    anna = await house.linked("Anna")
    await house.alert()

    page = await house.said(anna, f"/{command}")
    await house.pressed(anna, "1", page)

    assert after in page.text


async def test_edit_in_one_line_changes_the_condition_only(house):
    anna = await house.linked("Anna")
    alert = await house.alert(name="Break out", message="half off", severity="critical")

    review = await house.said(anna, "/edit 1 price crosses above 66000")
    await house.pressed(anna, "✓ Save", review)

    changed = await house.app.alert_store.get(LOCAL_ADMIN, alert.id)
    assert changed.condition == "price crosses above 66000"
    assert (changed.name, changed.message, changed.severity, changed.revision) == (
        alert.name,
        alert.message,
        alert.severity,
        2,
    )


async def test_an_unknown_alert_is_said(house):
    anna = await house.linked("Anna")

    for command in ("delete", "pause", "edit"):
        message = await house.said(anna, f"/{command} <nothing>")
        assert message.html == ENGLISH["alerts.unknown"].format(name="&lt;nothing&gt;")
