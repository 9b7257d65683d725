"""Who made the feeds watch a symbol."""

import pytest

from crypto_portfolio_analyzer.api.problems import Problem
from crypto_portfolio_analyzer.api.watching import MOST_VISITS, VISIT_SECONDS, Watching
from tests.api.test_prices import Room


def watching(room: Room, *standing: str) -> Watching:
    return Watching(feeds=room.feeds, market=room.market, clock=room.clock, standing=standing)


async def test_a_visit_ends_after_its_minute_unless_renewed() -> None:
    room = Room("BTC")
    looking = watching(room, "BTC")
    await looking.visit("SOL")
    await room.clock.advance(VISIT_SECONDS / 2)
    await looking.visit("SOL")
    await room.clock.advance(VISIT_SECONDS / 2)
    looking.sweep()
    renewed = room.feeds.find("SOL")
    await room.clock.advance(VISIT_SECONDS / 2)
    looking.sweep()

    assert renewed is not None
    assert room.feeds.find("SOL") is None


async def test_visits_do_not_show_among_what_is_watched() -> None:
    room = Room("BTC")
    looking = watching(room, "BTC")
    await looking.visit("SOL")

    assert [view.asked for view in looking.lasting()] == ["BTC"]


async def test_a_visited_symbol_can_be_watched_for_good() -> None:
    room = Room("BTC")
    looking = watching(room, "BTC")
    await looking.visit("SOL")
    _, is_new = looking.watch("SOL")
    await room.clock.advance(VISIT_SECONDS + 1)
    looking.sweep()

    assert is_new
    assert [view.asked for view in looking.lasting()] == ["BTC", "SOL"]


async def test_visits_are_bounded() -> None:
    room = Room("BTC")
    looking = watching(room, "BTC")
    for number in range(MOST_VISITS):
        await looking.visit(f"S{number}/USDT")

    with pytest.raises(Problem, match="looked up") as caught:
        await looking.visit("ONE/MORE")
    assert caught.value.status == 429


def test_the_nearest_known_symbol_is_offered() -> None:
    refusal = watching(Room("BTC/USDT", "DOGE/USDT")).unknown("DOEGUSDT", "is not watched")

    assert refusal.more["nearest"] == "DOGE/USDT"


def test_without_anything_near_the_spelling_is_explained() -> None:
    refusal = watching(Room("BTC/USDT")).unknown("QQQQQQQQ", "is not watched")

    assert "nearest" not in refusal.more
    assert "BTC-USDT" in refusal.more["remedy"]
