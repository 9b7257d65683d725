"""Channels are checked, counted and proved before anything is sent there."""

import pytest

from crypto_portfolio_analyzer.engine.delivery.accounts import PROOFS_PER_END
from crypto_portfolio_analyzer.errors import (
    DeliveryFailed,
    InvalidFields,
    InvalidInput,
    NotFound,
    UnknownName,
)
from tests.engine.delivery.desk import Desk

ANNA = {"actor": "anna", "trusted": False}
BOSS = {"actor": "admin", "trusted": True}


@pytest.fixture
def own():
    return Desk()


async def add(own, owner="anna", trusted=False, **fields):
    fields = {"type": "chat", "name": "phone", **fields}
    return await own.engine.add_channel(owner, fields, actor=owner, trusted=trusted)


async def test_a_channel_of_a_trusted_owner_needs_no_proof(own):
    made = await add(own, "admin", trusted=True, to="here", default=True)

    assert made.channel.verified_at is not None
    assert made.channel.is_default
    assert own.chat.codes == []


async def test_others_prove_that_they_hold_the_other_end(own):
    made = await add(own, to="here")
    [code] = own.chat.codes
    assert made.channel.verified_at is None
    assert len(code) == 8
    assert code not in str(own.engine.shown(made.channel))

    with pytest.raises(InvalidInput):
        await own.engine.confirm(
            "anna", made.channel.id, "00000000" if code != "00000000" else "1", actor="anna"
        )
    proved = await own.engine.confirm("anna", made.channel.id, f" {code} ", actor="anna")

    assert proved.verified_at is not None
    assert proved.options == {"to": "here"}


async def test_an_end_that_answers_at_once_is_proved_at_once(own):
    own.hook.proves_at_once = True
    made = await add(own, type="hook")

    assert made.channel.verified_at is not None
    assert len(own.hook.codes[0]) >= 22
    assert made.secret is not None


async def test_five_wrong_codes_are_enough_and_a_new_one_can_be_asked_for(own):
    made = await add(own)
    for _ in range(5):
        with pytest.raises(InvalidInput):
            await own.engine.confirm("anna", made.channel.id, "wrong", actor="anna")

    with pytest.raises(InvalidInput):
        await own.engine.confirm("anna", made.channel.id, own.chat.codes[0], actor="anna")
    await own.engine.confirm("anna", made.channel.id, "", actor="anna")
    proved = await own.engine.confirm("anna", made.channel.id, own.chat.codes[1], actor="anna")

    assert proved.verified_at is not None


async def test_a_code_is_too_old_after_a_quarter_of_an_hour(own):
    made = await add(own)
    await own.clock.advance(15 * 60)

    with pytest.raises(InvalidInput, match="too old"):
        await own.engine.confirm("anna", made.channel.id, own.chat.codes[0], actor="anna")


async def test_one_end_is_asked_three_times_an_hour_whoever_asks(own):
    for n in range(PROOFS_PER_END):
        await add(own, owner=f"o{n}", to="victim")
    with pytest.raises(InvalidInput, match="codes"):
        await add(own, owner="eve", to="victim")
    await own.clock.advance(3600)

    await add(own, owner="eve", to="victim")


async def test_an_end_that_cannot_be_asked_makes_no_channel(own):
    async def refuse(channel, challenge):
        raise DeliveryFailed("refused", "nobody listens there")

    own.chat.prove = refuse
    with pytest.raises(InvalidFields, match="nobody listens"):
        await add(own)

    assert await own.engine.channels("anna") == []


async def test_everything_that_is_wrong_is_said_at_once(own):
    with pytest.raises(InvalidFields) as caught:
        await add(own, name=" ", enabled="yes", zone="Mars/Base", language="fr", quiet_hours={"from": "9"})

    paths = [each.path for each in caught.value.faults]
    assert paths == ["name", "enabled", "zone", "language", "quiet_hours"]


async def test_a_type_that_is_unknown_or_not_ready_is_refused(own):
    with pytest.raises(UnknownName):
        await add(own, type="chatt")
    own.chat.is_ready = "set the token"
    with pytest.raises(InvalidFields, match="set the token"):
        await add(own)


async def test_an_owner_has_a_quota_and_the_operator_none(own):
    for n in range(20):
        await add(own, name=f"n{n}", to=f"t{n}", trusted=True)
        await add(own, "admin", name=f"n{n}", trusted=True)

    with pytest.raises(InvalidFields, match="20 channels"):
        await add(own, name="one more", trusted=True)
    await add(own, "admin", name="one more", trusted=True)


async def test_a_name_is_taken_once(own):
    await add(own, trusted=True)

    with pytest.raises(InvalidFields, match="of this name"):
        await add(own, trusted=True)


async def test_what_is_not_given_stays_and_none_takes_away(own):
    made = await add(own, trusted=True, to="here", secret="s3cret", language="de", zone="Europe/Berlin")
    edited = await own.engine.edit_channel(
        "anna", made.channel.id, {"secret": "•••", "zone": None, "name": "mobile"}, **ANNA
    )

    assert edited.options == {"to": "here", "secret": "s3cret", "language": "de"}
    assert edited.name == "mobile"


async def test_a_new_other_end_is_proved_anew(own):
    made = await add(own, trusted=True, to="here")
    edited = await own.engine.edit_channel("anna", made.channel.id, {"to": "there"}, **ANNA)
    assert edited.verified_at is None

    proved = await own.engine.confirm("anna", made.channel.id, own.chat.codes[-1], actor="anna")
    assert proved.verified_at is not None
    assert (
        await own.engine.edit_channel("anna", made.channel.id, {"to": "x"}, **BOSS)
    ).verified_at is not None


async def test_switching_on_forgets_why_it_was_off(own):
    channel = own.channel("chat", enabled=False, disabled_reason="gone", failures=9, failing_since=1)
    edited = await own.engine.edit_channel("anna", channel.id, {"enabled": True}, **ANNA)

    assert (edited.disabled_reason, edited.failures, edited.failing_since) == ("", 0, None)


async def test_a_type_stays_what_it_is(own):
    channel = own.channel("chat")

    with pytest.raises(InvalidFields, match="cannot be changed"):
        await own.engine.edit_channel("anna", channel.id, {"type": "hook"}, **ANNA)


async def test_a_new_signing_secret_leaves_the_old_one_for_a_day(own):
    made = await add(own, type="hook", trusted=True)
    rotated = await own.engine.rotate_secret("anna", made.channel.id, actor="anna")

    assert rotated.secret != made.secret
    assert rotated.channel.options["old_secret"] == made.secret
    assert rotated.channel.options["old_until"] == own.clock.now() + 86_400 * 10**9
    with pytest.raises(InvalidInput, match="no signing secret"):
        await own.engine.rotate_secret("anna", own.channel("chat").id, actor="anna")


async def test_a_new_signing_secret_changes_nothing_else(own):
    made = await add(own, type="hook", template="{{ticker}}")
    rotated = await own.engine.rotate_secret("anna", made.channel.id, actor="anna")

    assert rotated.channel.options["template"] == "{{ticker}}"
    proved = await own.engine.confirm("anna", made.channel.id, own.hook.codes[0], actor="anna")
    assert proved.verified_at is not None


async def test_what_only_people_can_use_is_refused_of_a_program(own):
    with pytest.raises(InvalidFields) as caught:
        await add(own, type="hook", quiet_hours={"from": "25:00"}, group="off", zone="UTC")

    assert [each.path for each in caught.value.faults] == ["quiet_hours", "group"]


async def test_what_is_anothers_does_not_exist(own):
    channel = own.channel("chat", owner="ben")

    with pytest.raises(NotFound):
        await own.engine.edit_channel("anna", channel.id, {"name": "mine"}, **ANNA)
    with pytest.raises(NotFound):
        await own.engine.remove_channel("anna", channel.id, actor="anna")
