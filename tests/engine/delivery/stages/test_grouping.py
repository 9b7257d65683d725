"""A flood becomes digests, and every delivery is in exactly one message or held."""

from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.notices.notification import Kind
from crypto_portfolio_analyzer.engine.delivery.sifting import DIGEST, FLOOD, QUIET
from crypto_portfolio_analyzer.engine.delivery.stages.grouping import grouping
from crypto_portfolio_analyzer.engine.delivery.timing import BURST, LARGEST, WINDOW
from tests.engine.delivery.media import channel_of
from tests.engine.delivery.works import SECOND, context, ids, other, work, works
from tests.fakes import NOON

DAY = 86_400.0


def sizes(grouped):
    return [len(message) for message in grouped.messages]


def test_a_few_come_one_by_one_in_order():
    grouped = grouping(works(3), context())

    assert [ids(message) for message in grouped.messages] == [["d1"], ["d2"], ["d3"]]


def test_more_than_twenty_at_once_come_as_one():
    assert sizes(grouping(works(BURST), context())) == [1] * BURST
    assert sizes(grouping(works(BURST + 1), context())) == [BURST + 1]
    assert sizes(grouping(works(5), context(waiting=BURST + 1))) == [5]


def test_a_digest_holds_a_thousand():
    assert sizes(grouping(works(LARGEST + 200), context())) == [LARGEST, 200]


def test_after_twenty_messages_in_a_minute_the_rest_waits_for_its_end():
    sent = {"lane": [NOON - 10 * SECOND] * BURST}
    grouped = grouping(works(2), context(sent=sent))

    assert grouped.messages == []
    assert [(each.reason, each.due_at) for each in grouped.ruled] == [
        (FLOOD, NOON - 10 * SECOND + WINDOW)
    ] * 2


def test_the_rest_of_a_minute_is_given_out_and_what_is_beyond_waits():
    sent = {"lane": [NOON - SECOND] * (BURST - 2)}
    grouped = grouping(works(5), context(sent=sent))

    assert sizes(grouped) == [1, 1]
    assert len(grouped.ruled) == 3


def test_what_waited_comes_as_one_when_it_is_more_than_three():
    assert sizes(grouping(works(3, reason=FLOOD), context())) == [1, 1, 1]
    assert sizes(grouping(works(4, reason=FLOOD), context())) == [4]
    assert sizes(grouping(works(4, reason=f"{DIGEST}it hung up"), context())) == [4]


def test_what_the_night_held_comes_as_one():
    assert sizes(grouping(works(2, reason=QUIET), context())) == [2]
    assert sizes(grouping(works(1, reason=QUIET), context())) == [1]


def test_what_is_older_than_a_day_comes_together():
    grouped = grouping([work(1), work(2, ago=DAY + 1), work(3, ago=DAY + 9)], context())

    assert [ids(message) for message in grouped.messages] == [["d1"], ["d2", "d3"]]


def test_programs_orders_and_who_does_not_want_it_get_one_by_one():
    many = works(50)

    assert sizes(grouping(many, context(for_people=False))) == [1] * 50
    assert sizes(grouping(many, context(ttl=60.0))) == [1] * 50
    assert sizes(grouping(many, context(channel_of(group="off")))) == [1] * 50


def test_tests_and_notices_never_wait():
    sent = {"lane": [NOON] * BURST}
    some = [other(Kind.TEST), other(Kind.NOTICE, 2)]

    assert sizes(grouping(some, context(sent=sent))) == [1, 1]


@given(
    kinds=st.lists(st.sampled_from(["", FLOOD, QUIET, "test", "old"]), max_size=60),
    recent=st.lists(st.integers(0, 80), max_size=BURST),
    waiting=st.integers(0, 50),
)
def test_of_every_delivery_there_is_exactly_one_message_or_ruling(kinds, recent, waiting):
    some = [
        other(Kind.TEST, n)
        if kind == "test"
        else work(n, ago=2 * DAY)
        if kind == "old"
        else work(n, reason=kind)
        for n, kind in enumerate(kinds)
    ]
    sent = {"lane": sorted(NOON - ago * SECOND for ago in recent)}
    grouped = grouping(some, context(sent=sent, waiting=waiting))

    told = [id_ for message in grouped.messages for id_ in ids(message)]
    ruled = [each.work.delivery.id for each in grouped.ruled]
    assert sorted(told + ruled) == sorted(ids(some))
    news = [message for message in grouped.messages if message[0].delivery.kind is Kind.FIRING]
    fresh = [at for at in sent["lane"] if at > NOON - WINDOW]
    assert not news or len(news) + len(fresh) <= BURST
    assert all(each.due_at and each.due_at > NOON for each in grouped.ruled)


def test_signals_of_others_are_in_no_digest():
    grouped = grouping([other(Kind.INBOUND, 0), *works(25)], context())

    assert sorted(sizes(grouped)) == [1, 25]
