"""Tests of storage/settling.py."""

import pytest

from crypto_portfolio_analyzer.core.notices.notification import AttemptOutcome, DeliveryState, Settlement
from tests.storage.made import NOW, add_channel, alert, fires, rows
from tests.storage.sending import SECOND, UNTIL, attempt, claimed, delivered, queued, retried

STATES = "select state, count(*) from deliveries group by state"


@pytest.fixture
async def phone(database):
    return await add_channel(database, "phone")


@pytest.fixture
async def one(outbox, phone):
    """A delivery being sent."""
    await queued(outbox, phone, "a")
    return (await claimed(outbox, phone))[0]


async def test_what_was_told_is_stored_with_its_attempt(outbox, one):
    made = attempt(one, status=200, took=7, at=NOW + 3)
    settled = delivered(one, attempt=made, reference="chat 7", answer="bought", reason="")

    assert await outbox.settle([settled], NOW + SECOND) == [one.id]

    now = await outbox.delivery("ada", one.id)
    assert (now.state, now.reason, now.attempts) == (DeliveryState.DELIVERED, "", 1)
    assert (now.first_attempt_at, now.settled_at) == (NOW + 3, NOW + 10)
    assert (now.reference, now.answer, now.claim, now.unsure) == ("chat 7", "bought", None, False)
    assert await outbox.attempts(one.id) == [made]


async def test_what_failed_waits_and_is_told_again(outbox, phone, one):
    later = NOW + 5 * SECOND
    assert await outbox.settle([retried(one, later, unsure=True)], NOW) == [one.id]

    waiting = await outbox.delivery("ada", one.id)
    assert (waiting.state, waiting.reason, waiting.due_at) == (DeliveryState.RETRY_WAIT, "reset", later)
    assert (waiting.settled_at, waiting.unsure, waiting.attempts) == (None, True, 1)

    (again,) = await claimed(outbox, phone, now=later)
    await outbox.settle([delivered(again, attempt=attempt(again, at=later))], later)

    told = await outbox.delivery("ada", one.id)
    assert (told.attempts, told.unsure, told.first_attempt_at) == (2, True, NOW + SECOND)
    outcomes = [(each.number, each.outcome) for each in await outbox.attempts(one.id)]
    assert outcomes == [(1, AttemptOutcome.FAILED), (2, AttemptOutcome.ACCEPTED)]


@pytest.mark.parametrize("state", [DeliveryState.DEAD, DeliveryState.SUPPRESSED, DeliveryState.CANCELLED])
async def test_what_is_given_up_is_settled_now_without_an_attempt(outbox, one, state):
    settlement = Settlement(delivery_id=one.id, claim="me", state=state, reason="expired")

    await outbox.settle([settlement], NOW + 9)

    now = await outbox.delivery("ada", one.id)
    assert (now.state, now.reason, now.settled_at, now.attempts) == (state, "expired", NOW + 9, 0)


async def test_only_the_holder_settles_but_every_attempt_is_stored(outbox, phone, one):
    assert await outbox.rescue(UNTIL + 1) == 1
    (theirs,) = await claimed(outbox, phone, claim="they", now=UNTIL + 1, until=UNTIL + SECOND)

    assert await outbox.settle([delivered(one)], UNTIL + 2) == []
    assert (await outbox.delivery("ada", one.id)).state is DeliveryState.SENDING
    assert len(await outbox.attempts(one.id)) == 1

    assert await outbox.settle([delivered(theirs)], UNTIL + 3) == [one.id]
    assert await outbox.settle([retried(theirs, NOW)], UNTIL + 4) == []
    assert (await outbox.delivery("ada", one.id)).state is DeliveryState.DELIVERED
    assert len(await outbox.attempts(one.id)) == 3


async def test_of_two_settlements_the_first_counts(outbox, one):
    assert await outbox.settle([delivered(one), retried(one, NOW)], NOW) == [one.id]

    assert (await outbox.delivery("ada", one.id)).state is DeliveryState.DELIVERED
    assert len(await outbox.attempts(one.id)) == 2


async def test_hundreds_are_settled_at_once(outbox, store, database, phone):
    made = await store.create([alert(f"a{n}", channels=("phone",)) for n in range(1_200)], NOW, "ada")
    await store.commit(fires(*made), NOW)
    sent = await claimed(outbox, phone, 1_200)

    settled = await outbox.settle([delivered(each) for each in sent], NOW)

    assert set(settled) == {each.id for each in sent}
    assert await rows(database, STATES) == [("delivered", 1_200)]
    assert await rows(database, "select count(distinct delivery_id) from attempts") == [(1_200,)]
    assert await outbox.settle([], NOW) == []


async def test_hostile_texts_are_stored_as_they_are(outbox, one):
    nasty = "'); drop table deliveries; --\"\\\u2028😀"
    settled = delivered(one, reason=nasty, reference=nasty, answer=nasty)

    await outbox.settle([settled], NOW)

    now = await outbox.delivery("ada", one.id)
    assert (now.reason, now.reference, now.answer) == (nasty, nasty, nasty)


async def test_what_nobody_holds_any_more_is_queued_again_and_marked(outbox, phone, one):
    assert await outbox.rescue(UNTIL) == 0
    assert await outbox.rescue(UNTIL + 1) == 1
    assert await outbox.rescue(UNTIL + 1) == 0

    now = await outbox.delivery("ada", one.id)
    assert (now.state, now.unsure, now.claim, now.attempts) == (DeliveryState.QUEUED, True, None, 0)
    (again,) = await claimed(outbox, phone, claim="they", now=UNTIL + 1)
    assert again.unsure


async def test_what_is_renewed_is_not_rescued(outbox, one):
    await outbox.renew([one.id], "somebody else", UNTIL + 10 * SECOND)
    assert await outbox.rescue(UNTIL + 1) == 1

    assert await outbox.rescue(UNTIL + 2) == 0


async def test_holder_renews(outbox, one):
    await outbox.renew([one.id], "me", UNTIL + 10 * SECOND)
    await outbox.renew([], "me", UNTIL)

    assert await outbox.rescue(UNTIL + SECOND) == 0
    assert await outbox.rescue(UNTIL + 11 * SECOND) == 1


@pytest.mark.parametrize("ending", ["settled", "rescued"])
async def test_what_is_called_off_while_it_is_sent_is_not_tried_again(outbox, store, phone, ending):
    (high,) = await store.create([alert(channels=("phone",))], NOW, "ada")
    await store.commit(fires(high), NOW)
    (sent,) = await claimed(outbox, phone)
    await store.remove("ada", high.id, NOW, "ada")
    assert (await outbox.delivery("ada", sent.id)).state is DeliveryState.SENDING

    if ending == "settled":
        assert await outbox.settle([retried(sent, NOW + 5)], NOW + 3) == [sent.id]
    else:
        assert await outbox.rescue(UNTIL + 1) == 1

    now = await outbox.delivery("ada", sent.id)
    assert (now.state, now.reason) == (DeliveryState.CANCELLED, "the alert was deleted")
    assert now.settled_at == (NOW + 3 if ending == "settled" else UNTIL + 1)


async def test_what_is_called_off_while_it_is_sent_may_have_been_told(outbox, phone, one):
    await outbox.remove_channel("ada", phone.id, NOW, "ada")

    await outbox.settle([delivered(one)], NOW)

    assert (await outbox.delivery("ada", one.id)).state is DeliveryState.DELIVERED
