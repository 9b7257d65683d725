"""A code proves an end once, soon, and not by guessing."""

import pytest

from crypto_portfolio_analyzer.engine.delivery.proofs import (
    LIFETIME,
    TRIES,
    answered,
    asked,
    new_code,
    refuse,
)
from crypto_portfolio_analyzer.errors import InvalidInput
from tests.engine.delivery.media import channel_of
from tests.fakes import NOON


def test_the_right_code_proves_and_is_forgotten():
    proved = answered(asked(channel_of(to="x"), "123", NOON), "123", NOON + 1)

    assert proved.verified_at == NOON + 1
    assert proved.options == {"to": "x"}
    refuse(proved)


def test_a_code_is_not_kept_as_it_is():
    assert "12345678" not in str(asked(channel_of(), "12345678", NOON).options)


def test_a_code_of_another_channel_proves_nothing():
    first, second = asked(channel_of(), "1", NOON), asked(channel_of(), "1", NOON)

    assert answered(first, "1", NOON).verified_at is not None
    swapped = asked(channel_of(), "2", NOON)
    with pytest.raises(InvalidInput):
        refuse(answered(swapped, "1", NOON))
    assert first.options != second.options


def test_tries_are_counted_and_end():
    channel = asked(channel_of(), "right", NOON)
    for _ in range(TRIES):
        channel = answered(channel, "wrong", NOON)

    with pytest.raises(InvalidInput, match="too often"):
        answered(channel, "right", NOON)


def test_a_late_code_and_one_that_nobody_asked_for_are_refused():
    with pytest.raises(InvalidInput, match="too old"):
        answered(asked(channel_of(), "1", NOON), "1", NOON + LIFETIME)
    with pytest.raises(InvalidInput, match="nothing was asked"):
        answered(channel_of(), "1", NOON)


def test_codes_for_people_can_be_typed_and_others_cannot_be_guessed():
    assert all(len(code) == 8 and code.isdigit() for code in (new_code(for_people=True) for _ in range(50)))
    assert len({new_code(for_people=False) for _ in range(50)}) == 50
    assert len(new_code(for_people=False)) >= 22
