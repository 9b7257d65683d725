"""A bot that is too fast is shut out, for longer each time; one that keeps the limits never is."""

from collections import Counter

import pytest

from crypto_portfolio_analyzer.simulation.telegram_limits import Bucket, Flood, Fouling, TelegramLimits


@pytest.fixture
def fouls():
    return Counter()


@pytest.fixture
def flood(fouls):
    return Flood(TelegramLimits(), fouls)


def test_a_bucket_gives_a_burst_and_then_its_rate():
    bucket = Bucket(2.0, 3)

    assert [bucket.take(1, 100.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert bucket.take(1, 100.5) == 0
    assert bucket.take(1, 100.5) == 0.5


def test_a_message_a_second_is_never_too_fast(flood, fouls):
    assert [flood.message(5, 100, float(second)) for second in range(500)] == [0] * 500
    assert not fouls


def test_thirty_a_second_over_all_chats_are_never_too_fast(flood):
    assert not any(flood.message(chat % 100 + 1, 100, chat / 30) for chat in range(3000))


def test_a_short_burst_passes_and_a_longer_one_does_not(flood, fouls):
    assert [flood.message(5, 100, 10.0) for _ in range(4)] == [0, 0, 0, 3]
    assert fouls == {Fouling.CHAT_RATE: 1}


def test_more_than_thirty_at_once_are_too_many(flood, fouls):
    waits = [flood.message(chat, 100, 10.0) for chat in range(1, 33)]

    assert [wait > 0 for wait in waits] == [False] * 30 + [True] * 2
    assert fouls == {Fouling.OVERALL_RATE: 2}


def test_a_group_gets_twenty_a_minute(flood, fouls):
    waits = [flood.message(-5, 100, 10.0 + second) for second in range(21)]

    assert waits[:20] == [0] * 20
    assert waits[20] == 40
    assert fouls == {Fouling.GROUP_RATE: 1}


def test_a_long_text_counts_as_two(flood):
    assert [flood.message(5, 501, 10.0) for _ in range(2)] == [0, 3]


def test_who_does_not_wait_waits_longer_each_time(flood, fouls):
    for _ in range(4):
        wait = flood.message(5, 100, 10.0)
    waits = [wait, *(flood.message(5, 100, 10.5 + step) for step in range(3))]

    assert waits == [3, 6, 12, 24]
    assert fouls[Fouling.DID_NOT_WAIT] == 3


def test_who_waits_is_let_in_again_and_forgiven(flood):
    for _ in range(4):
        flood.message(5, 100, 10.0)

    assert flood.message(5, 100, 13.1) == 0
    for _ in range(4):
        wait = flood.message(5, 100, 200.0)
    assert wait == 3


def test_no_punishment_is_longer_than_the_longest(flood):
    waits = [flood.message(5, 100, 10.0) for _ in range(40)]

    assert max(waits) == 3600


def test_edits_have_a_limit_of_their_own(flood, fouls):
    private = [flood.edit(5, 10.0 + 2 * step) for step in range(21)]
    group = [flood.edit(-5, 10.0 + 4 * step) for step in range(11)]

    assert [wait > 0 for wait in private] == [False] * 20 + [True]
    assert [wait > 0 for wait in group] == [False] * 10 + [True]
    assert fouls == {Fouling.EDIT_RATE: 2}


def test_one_chats_punishment_is_not_anothers(flood):
    for _ in range(4):
        flood.message(5, 100, 10.0)

    assert flood.message(6, 100, 10.0) == 0
