"""The buttons under an alert: each acts once, says so in the message, and only for whom the alert is."""

import pytest

from crypto_portfolio_analyzer.bot.english import ENGLISH
from crypto_portfolio_analyzer.channels.telegram_buttons import KEY_LENGTH
from crypto_portfolio_analyzer.core.alerts import AlertState
from crypto_portfolio_analyzer.core.timeframes import HOUR
from crypto_portfolio_analyzer.errors import NotFound
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN
from tests.bot.house import bot_house

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


async def told(house, **fields):
    anna = await house.linked("Anna")
    alert = await house.alert(**fields)
    return anna, alert, await house.told(anna, alert)


async def test_seen_is_noted_once_and_said_in_the_message(house):
    anna, _, message = await told(house)
    (firing,) = await house.app.alert_store.firings(LOCAL_ADMIN)
    data = dict(message.button("✓ Seen"))["callback_data"]

    press, _ = await house.pressed(anna, "✓ Seen", message)
    again = anna.press_data(data, message)
    await house.answered(again)

    seen = await house.app.alert_store.seen(LOCAL_ADMIN, [firing.id])
    assert seen[firing.id][1] == "Anna"
    assert press.answer["text"].startswith("✓ Seen by Anna ")
    assert again.answer["text"] == ENGLISH["press.done"]
    assert message.text.count("✓ Seen by Anna") == 1
    assert "✓ Seen" not in [label for row in message.labels for label in row]
    assert message.versions[0].text.splitlines()[0] == message.text.splitlines()[0]


@pytest.mark.parametrize(("label", "hours"), [("💤 1h", 1), ("💤 4h", 4), ("💤 24h", 24)])
async def test_snooze_silences_this_alert_for_this_symbol_once(house, label, hours):
    anna, alert, message = await told(house)
    data = dict(message.button(label))["callback_data"]
    before = house.app.clock.now()

    press, _ = await house.pressed(anna, label, message)
    again = anna.press_data(data, message)
    await house.answered(again)

    silences = await house.app.alert_store.silences(LOCAL_ADMIN, house.app.clock.now())
    assert [dict(each.matchers) for each in silences] == [{"id": alert.id, "symbol": "BTC/USDT"}]
    assert again.answer["text"] == ENGLISH["press.done"]
    assert 0 <= silences[0].ends_at - before - hours * HOUR < 10 * 10**9
    assert press.answer["text"].startswith("💤 Quiet until ")
    assert label not in [each for row in message.labels for each in row]


async def test_why_answers_with_the_evidence_in_the_chat(house):
    anna, _, message = await told(house)

    _, answer = await house.pressed(anna, "❓ Why", message)

    assert answer is not message
    assert "✓ price crosses above 65000 · 65,012.40 against 65,000.00" in answer.text
    assert "Binance" in answer.text or "binance" in answer.text


async def test_chart_is_a_picture_in_the_chat(tmp_path, sqlite_template):
    asked = []

    async def picture(notification):
        asked.append(notification)
        return PNG

    async with bot_house(tmp_path, sqlite_template, picture=picture) as house:
        house.lists("BTC/USDT")
        anna, alert, message = await told(house)
        _, answer = await house.pressed(anna, "📈 Chart", message)

    assert answer.photo == PNG
    assert asked[0].firing.alert_id == alert.id
    assert asked[0].alert == alert


async def test_a_picture_that_cannot_be_drawn_is_said(house):
    anna, _, message = await told(house)

    assert (await house.pressed(anna, "📈 Chart", message))[1].text == ENGLISH["press.no_chart"]


async def test_rearm_puts_the_alert_on_watch_once(house):
    anna, alert, message = await told(house)
    data = dict(message.button("↻"))["callback_data"]

    press, _ = await house.pressed(anna, "↻", message)
    again = anna.press_data(data, message)
    await house.answered(again)

    now = await house.app.alert_store.get(LOCAL_ADMIN, alert.id)
    (standing,) = (await house.app.alerts.standings(LOCAL_ADMIN, [alert.id]))[alert.id]
    assert press.answer["text"] == "↻ On watch again · Anna"
    assert standing.state is not AlertState.DONE
    assert now.revision == 2
    assert again.answer["text"] == ENGLISH["press.done"]


async def test_more_shows_what_else_can_be_done_and_pause_can_be_undone(house):
    anna, alert, message = await told(house, trigger="every_time")

    await house.pressed(anna, "⋯", message)
    assert message.labels[-2:] == [["✎ Edit", "⏸ Pause", "🗑 Delete"], ["⧉ Copy condition"]]
    press, _ = await house.pressed(anna, "⏸ Pause", message)
    assert press.answer["text"] == "⏸ Paused · Anna"
    assert not (await house.app.alert_store.get(LOCAL_ADMIN, alert.id)).enabled
    press, _ = await house.pressed(anna, "↶ Undo", message)

    assert press.answer["text"] == "↶ Undone · Anna"
    assert (await house.app.alert_store.get(LOCAL_ADMIN, alert.id)).enabled
    assert message.text.endswith("⏸ Paused · Anna\n↶ Undone · Anna")


async def test_delete_leaves_only_what_still_applies_and_can_be_undone(house):
    anna, alert, message = await told(house)

    await house.pressed(anna, "⋯", message)
    await house.pressed(anna, "🗑 Delete", message)
    with pytest.raises(NotFound):
        await house.app.alert_store.get(LOCAL_ADMIN, alert.id)
    assert message.labels == [["📈 Chart", "❓ Why"], ["↶ Undo"]]
    await house.pressed(anna, "↶ Undo", message)

    assert (await house.app.alert_store.get(LOCAL_ADMIN, alert.id)).id == alert.id


async def test_edit_begins_a_draft_below_the_message(house):
    anna, alert, message = await told(house)
    await house.pressed(anna, "⋯", message)

    _, asked = await house.pressed(anna, "✎ Edit", message)
    review = await house.said(anna, "price crosses above 70000")
    await house.pressed(anna, "✓ Save", review)

    assert asked is not message
    assert review is asked
    assert (await house.app.alert_store.get(LOCAL_ADMIN, alert.id)).condition == "price crosses above 70000"


async def test_a_press_of_an_old_revision_changes_nothing(house):
    anna, alert, message = await told(house, trigger="every_time")
    await house.pressed(anna, "⋯", message)
    for _ in range(2):
        await house.app.alerts.pause(LOCAL_ADMIN, alert.id, actor="test")
        await house.app.alerts.resume(LOCAL_ADMIN, alert.id, actor="test")
    now = await house.app.alert_store.get(LOCAL_ADMIN, alert.id)

    for label in ("✎ Edit", "⏸ Pause", "🗑 Delete"):
        toast = await house.toast(anna, label, message)
        assert toast == f"This belongs to revision 1; the alert is at {now.revision} now. /alerts"
    assert await house.app.alert_store.get(LOCAL_ADMIN, alert.id) == now


async def test_a_press_counts_only_for_its_owner_its_firing_and_its_message(house):
    anna, _, message = await told(house)
    bert = await house.linked("Bert", "bert")
    data = dict(message.button("✓ Seen"))["callback_data"]
    other = await house.said(anna, "/start")
    forged = f"v1:seen:{'a' * KEY_LENGTH}"

    for person, where, pressed in (
        (bert, message, data),
        (anna, other, data),
        (anna, message, forged),
    ):
        press = person.press_data(pressed, where)
        await house.answered(press)
        assert press.answer["text"] == ENGLISH["press.gone"]
    (firing,) = await house.app.alert_store.firings(LOCAL_ADMIN)
    assert await house.app.alert_store.seen(LOCAL_ADMIN, [firing.id]) == {}


async def test_others_in_a_group_may_ask_why_and_change_nothing(house):
    anna, mallory = await house.linked("Anna"), house.server.person("Mallory")
    group = house.server.group("Traders", [anna, mallory])
    await house.said(anna, "/start", group)
    alert = await house.alert()
    message = await house.told(anna, alert, group)

    for label in ("✓ Seen", "💤 1h", "↻", "⋯"):
        assert await house.toast(mallory, label, message) == ENGLISH["read_only"]
    _, why = await house.pressed(mallory, "❓ Why", message)

    assert "✓ price crosses above 65000" in why.text
    assert await house.app.alert_store.silences(LOCAL_ADMIN, house.app.clock.now()) == []


async def test_two_people_who_press_at_once_are_both_named(house):
    anna, bert = await house.linked("Anna"), await house.linked("Bert")
    group = house.server.group("Traders", [anna, bert])
    await house.said(anna, "/start", group)
    message = await house.told(anna, await house.alert(), group)

    presses = [anna.press("✓ Seen", message), bert.press("💤 1h", message)]
    for press in presses:
        await house.answered(press)
    await house.quiet()

    assert "✓ Seen by Anna" in message.text
    assert "· Bert" in message.text


async def test_hostile_names_are_shown_as_they_are(house):
    anna = await house.linked('<b>Anna</b> & "co"\u202e')
    alert = await house.alert(name="<script>alert(1)</script> & <a href='x'>")
    message = await house.told(anna, alert)

    await house.pressed(anna, "✓ Seen", message)

    assert '✓ Seen by <b>Anna</b> & "co" ' in message.text
    assert "\u202e" not in message.text
    assert not house.server.fouls
