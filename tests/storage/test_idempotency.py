"""Tests of storage/idempotency.py."""

import pytest

from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.storage.idempotency import (
    KEY_LIFETIME,
    LONGEST_WORK,
    Answer,
    AnswerStore,
    Reserved,
    answered,
    known_key,
    remember,
)
from tests.storage.made import NOW


@pytest.fixture
async def connection(database):
    async with database.reading() as connection:
        await remember(connection, "ada", "k", "hash", ["b", "a"], NOW)
        yield connection


async def test_key_answers_what_was_made(connection):
    assert await answered(connection, "ada", "k", "hash", NOW + KEY_LIFETIME - 1) == ["b", "a"]


async def test_unknown_key_has_no_answer(connection):
    assert await answered(connection, "ada", "other", "hash", NOW) is None
    assert await answered(connection, "bob", "k", "hash", NOW) is None


async def test_key_is_known_to_its_owner_for_as_long_as_it_lives(connection):
    async def knows(owner, key, now):
        return (await connection.execute(known_key(owner, key, now))).first() is not None

    assert await knows("ada", "k", NOW + KEY_LIFETIME - 1)
    assert not await knows("ada", "k", NOW + KEY_LIFETIME)
    assert not await knows("bob", "k", NOW)


async def test_old_key_is_forgotten(connection):
    assert await answered(connection, "ada", "k", "other", NOW + KEY_LIFETIME) is None


async def test_key_of_another_request_is_refused(connection):
    with pytest.raises(InvalidInput, match="idempotency key 'k' came with another request; use a new key"):
        await answered(connection, "ada", "k", "other", NOW)


async def test_a_key_is_reserved_worked_for_and_answered(database):
    store, made = AnswerStore(database), Answer(201, '{"id": "a"}', {"location": "/a"})

    assert await store.reserve("anna", "k", "one", 1) is None
    with pytest.raises(Reserved):
        await store.reserve("anna", "k", "one", 2)
    await store.settle("anna", "k", made)
    assert await store.reserve("anna", "k", "one", 3) == made
    with pytest.raises(InvalidInput, match="another request"):
        await store.reserve("anna", "k", "other", 3)
    assert await store.reserve("berta", "k", "other", 3) is None


async def test_a_key_is_free_when_nothing_was_made_and_when_its_time_is_over(database):
    store, made = AnswerStore(database), Answer(201, "", {})
    await store.reserve("anna", "k", "one", 1)
    await store.release("anna", "k")

    assert await store.reserve("anna", "k", "other", 2) is None
    await store.settle("anna", "k", made)
    await store.release("anna", "k")  # what was answered stays
    assert await store.reserve("anna", "k", "other", KEY_LIFETIME) == made
    assert await store.reserve("anna", "k", "other", KEY_LIFETIME + 2) is None


async def test_a_request_that_died_is_taken_over(database):
    store = AnswerStore(database)
    await store.reserve("anna", "k", "one", 0)
    with pytest.raises(Reserved):
        await store.reserve("anna", "k", "one", LONGEST_WORK - 1)

    assert await store.reserve("anna", "k", "one", LONGEST_WORK) is None
