"""What goes wrong with a channel its owner learns by another one, once."""

import pytest

from crypto_portfolio_analyzer.core.notices.notification import DeliveryState, Kind
from crypto_portfolio_analyzer.errors import DeliveryFailed
from tests.engine.delivery.desk import desk

DEAD = DeliveryFailed("too_large", "it is too long for them", final=True)
GONE = DeliveryFailed("status", "it is gone", status=410, disables=True)


def raising(failure):
    def answer(_):
        raise failure

    return answer


def told(own):
    return [row.content for row in own.store.rows.values() if row.kind is Kind.NOTICE]


async def test_dead_letters_of_an_hour_are_told_of_in_two_messages():
    async with desk() as own:
        hook = own.channel("hook", name="bot")
        own.channel("chat")
        own.hook.answer = raising(DEAD)
        own.fire(hook)
        await own.clock.advance(1)
        assert [each.title for each in told(own)] == ["Channel “bot”: 1 not delivered"]

        for _ in range(6):
            own.fire(hook)
            await own.clock.advance(300)
        assert len(told(own)) == 1
        await own.clock.advance(2 * 3600)

        assert [each.data["count"] for each in told(own)] == [1, 6]


async def test_that_a_channel_is_off_is_told_at_once():
    async with desk() as own:
        hook = own.channel("hook", name="bot")
        own.channel("chat", language="de")
        own.hook.answer = raising(DEAD)
        own.fire(hook)
        await own.clock.advance(5)
        own.hook.answer = raising(GONE)
        own.fire(hook)
        await own.clock.advance(5)

        assert [each.data["matter"] for each in told(own)] == ["dead", "off"]
        assert told(own)[-1].title == "Der Kanal „bot“ wurde abgeschaltet"
        assert GONE.detail in told(own)[-1].text


async def test_a_notice_that_cannot_be_delivered_makes_no_other():
    async with desk() as own:
        hook, chat = own.channel("hook"), own.channel("chat")
        own.hook.answer = own.chat.answer = raising(DEAD)
        own.mail.answer = raising(DEAD)
        own.channel("mail")
        own.fire(hook)

        await own.clock.advance(10 * 3600)

        assert len(told(own)) == 1
        assert own.states() == {DeliveryState.DEAD: 2}
        assert chat.id in {row.channel_id for row in own.store.rows.values()}


@pytest.mark.parametrize(
    "changes", [{"enabled": False}, {"verified_at": None}, {"to": "same"}, {"owner": "ben"}]
)
async def test_nobody_is_told_in_a_place_that_is_off_unproved_the_same_or_anothers(changes):
    async with desk() as own:
        chat = own.channel("chat", to="same")
        own.channel("chat", **changes)
        own.channel("hook")
        own.chat.answer = raising(DEAD)
        own.fire(chat)

        await own.clock.advance(60)

        assert told(own) == []


async def test_one_that_works_and_is_the_default_is_chosen():
    async with desk() as own:
        hook = own.channel("hook")
        own.channel("chat", failures=9, is_default=True)
        own.channel("chat")
        chosen = own.channel("mail", is_default=True)
        own.hook.answer = raising(DEAD)
        own.fire(hook)

        await own.clock.advance(60)

        assert [row.channel_id for row in own.store.rows.values() if row.kind is Kind.NOTICE] == [chosen.id]
