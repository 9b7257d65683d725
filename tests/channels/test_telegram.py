"""Telegram: a message arrives as it should, and every answer of the Bot API means what it says."""

import logging
import traceback

import pytest

from crypto_portfolio_analyzer.channels.guard import Guard
from crypto_portfolio_analyzer.channels.kinds import CHANNELS, TelegramAccount, World
from crypto_portfolio_analyzer.channels.telegram import TelegramChannel
from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.errors import DeliveryFailed, InvalidFields
from crypto_portfolio_analyzer.simulation.telegram import Mishap, TelegramServer
from crypto_portfolio_analyzer.simulation.telegram_limits import Fouling
from tests.channels.chats import TOKEN, message, telegram
from tests.core.notices.made import channel as channel_with
from tests.core.notices.made import crossing, falls, notice, told


@pytest.fixture
async def server():
    async with TelegramServer(token=TOKEN) as server:
        yield server


@pytest.fixture
async def phone(server):
    async with telegram(server) as phone:
        yield phone


async def failure_of(phone, notification):
    with pytest.raises(DeliveryFailed) as caught:
        await phone.send(notification)
    return caught.value


def without_bot(token=""):
    world = World(clock=SystemClock(), guard=Guard(), telegram=TelegramAccount(token=token))
    return TelegramChannel(world)


# --- what arrives -------------------------------------------------------------------------------------------


async def test_a_message_arrives_with_its_buttons(server, phone):
    anna = server.person("Anna")
    accepted = await phone.send(message(anna.id))

    (arrived,) = anna.chat.told
    assert arrived.text.startswith("🚨 BTC/USDT ▲ 65,012.40 crosses above 65,000\n")
    assert [entity["type"] for entity in arrived.now.entities] == [
        "bold",
        "date_time",
        "expandable_blockquote",
    ]
    assert arrived.labels[1] == ["📈 Chart", "❓ Why", "↻ Re-arm", "⋯"]
    assert accepted.reference == f"{anna.id}:{arrived.id}"
    assert accepted.options is None
    assert server.calls[-1].params["link_preview_options"] == '{"is_disabled": true}'
    assert not server.fouls


@pytest.mark.parametrize(
    ("severity", "options", "is_silent"),
    [
        (Severity.INFO, {}, True),
        (Severity.WARNING, {}, False),
        (Severity.WARNING, {"silent": True}, True),
        (Severity.CRITICAL, {"silent": True}, False),
    ],
)
async def test_what_matters_makes_a_sound(server, phone, severity, options, is_silent):
    anna = server.person("Anna")
    await phone.send(told(crossing(severity=severity), options={"chat_id": str(anna.id), **options}))

    assert anna.chat.told[0].is_silent is is_silent


async def test_a_digest_offers_to_show_all(server, phone):
    anna = server.person("Anna")
    await phone.send(told(*falls(37), options={"chat_id": str(anna.id)}))

    assert anna.chat.told[0].labels == [["Show all"]]


async def test_a_notice_has_no_buttons(server, phone):
    anna = server.person("Anna")
    await phone.send(told(notice(), options={"chat_id": str(anna.id)}))

    assert anna.chat.told[0].labels == []


async def test_a_topic_of_a_public_group_is_reached_by_name(server, phone):
    group = server.group("Desk", username="OurDesk")
    await phone.send(message("@ourdesk", thread_id=7))

    assert group.told[0].thread_id == 7


async def test_a_template_and_hostile_words_arrive(server, phone):
    anna = server.person("Anna")
    await phone.send(message(anna.id, template="<b>{{ticker}} & <script>"))

    assert anna.chat.told[0].text == "<b>BTCUSDT & <script>"


# --- what goes wrong ----------------------------------------------------------------------------------------


async def test_a_pause_is_kept_exactly(server, phone):
    server.script(Mishap.REFUSE, status=429, sentence="Too Many Requests: retry after 37", retry_after=37)
    failure = await failure_of(phone, message(server.person("Anna").id))

    assert (failure.status, failure.retry_after, failure.transient) == (429, 37.0, True)


async def test_who_has_blocked_the_bot_is_left_alone(server, phone):
    anna = server.person("Anna")
    anna.block()
    failure = await failure_of(phone, message(anna.id))

    assert (failure.status, failure.disables, failure.transient) == (403, True, False)


async def test_a_chat_that_does_not_exist_disables(phone):
    failure = await failure_of(phone, message(42))

    assert (failure.status, failure.disables) == (400, True)


async def test_another_refusal_is_the_owners_to_put_right(server, phone):
    server.script(Mishap.REFUSE, status=400, sentence="Bad Request: not enough rights to send text messages")
    failure = await failure_of(phone, message(server.person("Anna").id))

    assert (failure.is_config, failure.disables, failure.transient) == (True, False, True)


async def test_a_group_that_moved_gets_the_message_and_keeps_its_new_number(server, phone):
    group = server.group("Desk")
    moved = server.town.migrate(group)
    accepted = await phone.send(message(group.id, silent=True))

    assert len(moved.told) == 1
    assert accepted.options == {"chat_id": str(moved.id), "silent": True}
    assert accepted.reference == f"{moved.id}:{moved.told[0].id}"


async def test_a_group_that_moves_again_and_again_is_given_up_for_now(server, phone):
    group = server.group("Desk")
    server.town.migrate(server.town.migrate(group))
    failure = await failure_of(phone, message(group.id))

    assert failure.transient


async def test_a_text_that_cannot_be_read_goes_out_plain(server, phone):
    server.script(Mishap.REFUSE, status=400, sentence="Bad Request: can't parse entities: Unexpected end tag")
    anna = server.person("Anna")
    await phone.send(message(anna.id))

    assert anna.chat.told[0].now.entities == ()
    assert anna.chat.told[0].text.startswith("🚨 BTC/USDT")
    assert phone.faults["unreadable"] == 1


async def test_a_plain_text_that_cannot_be_read_either_fails(server, phone):
    sentence = "Bad Request: can't parse entities: no idea why"
    server.script(Mishap.REFUSE, status=400, sentence=sentence, times=2)
    failure = await failure_of(phone, message(server.person("Anna").id))

    assert failure.is_config
    assert len(server.calls) == 2


@pytest.mark.parametrize(
    ("mishap", "arrived", "word"),
    [(Mishap.DROP_AFTER, 1, "reset"), (Mishap.DROP_BEFORE, 0, "reset"), (Mishap.GARBAGE, 1, "bad_answer")],
)
async def test_an_answer_that_is_lost_leaves_us_unsure(server, phone, mishap, arrived, word):
    anna = server.person("Anna")
    server.script(mishap)
    failure = await failure_of(phone, message(anna.id))

    assert (failure.error, failure.is_unknown, failure.transient) == (word, True, True)
    assert len(anna.chat.told) == arrived
    await phone.send(message(anna.id, is_repeat=True))
    assert "(repeat)" in anna.chat.told[-1].text


async def test_a_fault_of_telegrams_own_is_tried_again(server, phone):
    server.script(Mishap.REFUSE, status=500)
    failure = await failure_of(phone, message(server.person("Anna").id))

    assert (failure.status, failure.transient, failure.is_unknown) == (500, True, False)


async def test_nobody_at_the_address_is_known_not_to_have_heard(server):
    async with telegram(server, url="http://127.0.0.1:9") as phone:
        failure = await failure_of(phone, message(1))

    assert (failure.error, failure.is_unknown, failure.transient) == ("refused", False, True)


async def test_an_unknown_token_is_the_operators_to_put_right(server, phone):
    server.token = "1:another"
    failure = await failure_of(phone, message(server.person("Anna").id))

    assert (failure.status, failure.is_config, failure.disables) == (401, True, False)
    assert server.fouls[Fouling.WRONG_TOKEN] == 1


async def test_an_older_server_gets_the_plain_form_and_that_is_remembered(server, phone):
    server.methods.is_old = True
    anna = server.person("Anna")
    await phone.send(message(anna.id))
    await phone.send(message(anna.id))

    assert [call.status for call in server.calls] == [400, 200, 200]
    assert "14:03:07 UTC" in anna.chat.told[0].text
    assert [entity["type"] for entity in anna.chat.told[1].now.entities] == ["bold", "expandable_blockquote"]
    assert not phone.faults


# --- who may be told, and how fast --------------------------------------------------------------------------


async def test_the_question_goes_into_the_chat_with_its_code(server, phone):
    anna = server.person("Anna")

    assert not await phone.prove(channel_with(chat_id=str(anna.id), language="de"), "73 & 11")
    assert anna.chat.told[0].text.endswith(": 73 & 11")
    assert anna.chat.told[0].now.entities[0]["type"] == "code"


async def test_a_question_that_nobody_can_read_fails(phone):
    with pytest.raises(DeliveryFailed):
        await phone.prove(channel_with(chat_id="5"), "123456")


def test_a_strangers_chat_wants_proof():
    assert without_bot().needs_proof({"chat_id": "5"})


def most(rate):
    """Return how many messages a limit lets go in any span of its length."""
    return rate.burst + rate.count


def test_a_chat_and_all_chats_together_are_paced():
    overall, chat = without_bot().rates(channel_with(chat_id="5"))

    assert (overall.key, overall.seconds, most(overall)) == (
        "telegram",
        1.0,
        31,
    )  # 30 with the pacer's margin
    assert (chat.key, chat.count, chat.seconds, chat.burst) == ("telegram:5", 1, 1.0, 2)


@pytest.mark.parametrize("chat", ["-100123", "@desk"])
def test_a_group_gets_twenty_a_minute_at_most(chat):
    *_others, group = without_bot().rates(channel_with(chat_id=chat))

    assert (group.key, group.seconds, most(group)) == (f"telegram:{chat}:group", 60.0, 20)


def test_topics_of_a_group_share_its_lane():
    phone = without_bot()

    assert phone.lane(channel_with(chat_id="-5", thread_id=1), "BTC/USDT") == "telegram:-5"
    assert phone.lane(channel_with(chat_id="-5", thread_id=2), "ETH/USDT") == "telegram:-5"


@pytest.mark.parametrize("chat", [5, "5", -1001234567890, "-1001234567890", "@our_desk"])
def test_a_chat_is_named_by_number_or_name(chat):
    assert without_bot().check({"chat_id": chat})["chat_id"] == str(chat)


@pytest.mark.parametrize("chat", [None, "", "0", "me", "@x", "5; drop", True, 1.5, "9" * 30, "@" + "x" * 40])
def test_what_names_no_chat_is_refused(chat):
    with pytest.raises(InvalidFields, match="chat_id"):
        without_bot().check({"chat_id": chat})


def test_options_are_kept_as_they_are_used():
    given = {"chat_id": 5, "thread_id": 7.0, "silent": True}

    assert without_bot().check(given) == {"chat_id": "5", "thread_id": 7, "silent": True}


@pytest.mark.parametrize(("token", "is_ready"), [("", False), ("nonsense", False), (TOKEN, True)])
def test_without_a_token_it_says_what_to_set(token, is_ready):
    assert ("BOT_TOKEN" in without_bot(token).is_ready) is not is_ready


async def test_without_a_token_a_message_waits_for_one():
    failure = await failure_of(without_bot(), message(5))

    assert (failure.error, failure.is_config, failure.transient) == ("no_bot", True, True)


def test_it_is_found_by_name():
    assert CHANNELS["telegram"] is TelegramChannel


# --- the token ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mishap", [Mishap.DROP_BEFORE, Mishap.DROP_AFTER, Mishap.GARBAGE, Mishap.REFUSE, None]
)
async def test_the_token_is_in_no_error_and_no_log(server, caplog, mishap):
    caplog.set_level(logging.DEBUG)
    url = server.url if mishap else "http://127.0.0.1:9"
    async with telegram(server, url=url) as phone:
        if mishap:
            server.script(mishap, status=400)
        failure = await failure_of(phone, message(server.person("Anna").id))
        said = [repr(phone.world), repr(phone.access), repr(await phone.access.bot()), repr(failure.args)]
    while failure is not None:
        said += [repr(failure), *traceback.format_exception(failure)]
        failure = failure.__cause__ or failure.__context__

    assert "CANARY" not in "\n".join([*said, caplog.text])


async def test_the_token_is_in_no_error_of_the_conversation(server):
    async with telegram(server) as phone:
        bot = await phone.access.bot()
        server.script(Mishap.DROP_BEFORE, "getUpdates")
        with pytest.raises(Exception, match="broke") as caught:  # whatever aiogram calls it
            await bot.get_updates()

    assert "CANARY" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


async def test_a_silent_server_costs_no_more_than_the_attempts_patience(server, phone):
    server.script(Mishap.HANG)
    anna = server.person("Anna")
    (await phone.access.bot()).session.timeout = 0.2
    failure = await failure_of(phone, message(anna.id))

    assert (failure.error, failure.is_unknown) == ("timeout_read", True)
    assert len(anna.chat.told) == 1
