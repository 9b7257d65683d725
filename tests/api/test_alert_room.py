"""The room of firings: whatever comes between, each firing reaches its owner's clients once and in order."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.api.alert_room import PAGE, AlertRoom, FiringCall
from crypto_portfolio_analyzer.api.clients import HIGH_BYTES, Client
from crypto_portfolio_analyzer.api.identity import Identity, Role
from crypto_portfolio_analyzer.core.alerts import Alert, Evidence, Firing
from crypto_portfolio_analyzer.errors import NotFound, StorageUnavailable
from tests.api.test_clients import FakeWire
from tests.api.test_prices import heard
from tests.fakes import NOON, FakeClock, settle

EVIDENCE = Evidence("price is above 1", (), {}, {}, "binance")


def alert_of(owner: str) -> Alert:
    return Alert(
        id=f"a-{owner}", number=1, owner=owner, name="n", symbols=("BTC/USDT",), condition="price > 1"
    )


def firing(seq: int) -> Firing:
    return Firing(
        id=f"f{seq}",
        alert_id="a",
        revision=1,
        symbol="BTC/USDT",
        key=str(seq),
        price=2.0,
        event_at=NOON,
        received_at=NOON,
        detected_at=NOON,
        evidence=EVIDENCE,
        seq=seq,
    )


class MemoryFeed:
    """Firings by owner; reading takes a few turns, and sees what was there when it began."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Firing]] = {}
        self.turns = 1
        self.is_down = False
        self._calls: list[FiringCall] = []

    def listen(self, call: FiringCall) -> Callable[[], None]:
        self._calls.append(call)
        return lambda: self._calls.remove(call)

    def commit(self, owner: str) -> Firing:
        kept = self.kept.setdefault(owner, [])
        kept.append(firing(len(kept) + 1))
        return kept[-1]

    def announce(self, owner: str, each: Firing) -> None:
        for call in self._calls:
            call(alert_of(owner), each)

    def fire(self, owner: str = "anna") -> None:
        self.announce(owner, self.commit(owner))

    async def get(self, owner: str, alert_id: str) -> Alert:
        raise NotFound("alert", alert_id)

    async def firings(
        self, owner: str, *, before_seq: int | None = None, after_seq: int | None = None, limit: int = 100
    ) -> list[Firing]:
        seen = list(self.kept.get(owner, ()))
        await settle(self.turns)
        if self.is_down:
            raise StorageUnavailable("the database does not answer")
        if after_seq is None:
            return seen[::-1][:limit]
        return [each for each in seen if each.seq > after_seq][:limit]


def alert_room(feed: MemoryFeed, clock: FakeClock) -> AlertRoom:
    """Return a room over a feed; it shows of a firing its id."""
    return AlertRoom(store=feed, listen=feed.listen, show=lambda each, _alert: {"id": each.id}, clock=clock)


class Room:
    """A room over a feed, with clients whose wires the test reads."""

    def __init__(self) -> None:
        self.feed, self.clock = MemoryFeed(), FakeClock()
        self.room = alert_room(self.feed, self.clock)
        self._numbers = 0

    async def __aenter__(self) -> "Room":
        await self.room.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.room.stop()

    def client(self, name: str = "anna") -> tuple[Client, FakeWire]:
        self._numbers += 1
        wire = FakeWire()
        return Client(f"c{self._numbers}", Identity(name, Role.TRADER), wire, 0.0), wire


def numbers(messages: list[dict[str, Any]]) -> list[int]:
    return [each["seq"] for each in messages if each["type"] == "alert"]


def statuses(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each["data"] for each in messages if each["type"] == "status"]


async def test_what_fires_is_told_with_its_number() -> None:
    async with Room() as house:
        client, wire = house.client()
        house.room.enter(client)
        house.feed.fire()
        message = heard(wire)[0]

    assert (message["type"], message["seq"], message["data"]) == ("alert", 1, {"id": "f1"})
    assert message["timestamp"].endswith("Z")


async def test_one_owner_never_hears_of_anothers_firings() -> None:
    async with Room() as house:
        client, wire = house.client("anna")
        other, other_wire = house.client("ben")
        house.room.enter(client)
        house.room.resume(other, 0)
        house.feed.fire("anna")
        await settle(20)

        assert numbers(heard(wire)) == [1]
        assert numbers(heard(other_wire)) == []


async def test_a_client_that_was_away_gets_what_it_missed_then_what_fires() -> None:
    async with Room() as house:
        for _ in range(5):
            house.feed.fire()
        client, wire = house.client()
        house.room.resume(client, 2)
        await settle(20)
        house.feed.fire()
        messages = heard(wire)

    assert numbers(messages) == [3, 4, 5, 6]
    assert statuses(messages) == [{"room": "alerts", "resumed_to": 5, "gap": False}]
    assert [each["type"] for each in messages] == ["alert"] * 3 + ["status", "alert"]


async def test_many_missed_firings_come_page_by_page() -> None:
    async with Room() as house:
        for _ in range(2 * PAGE + 7):
            house.feed.fire()
        client, wire = house.client()
        house.room.resume(client, 0)
        await settle(60)

        assert numbers(heard(wire)) == list(range(1, 2 * PAGE + 8))


async def test_a_client_that_saw_more_than_there_is_is_told_of_the_gap_and_hears_what_fires() -> None:
    async with Room() as house:
        house.feed.fire()
        client, wire = house.client()
        house.room.resume(client, 2**70)
        await settle(20)
        house.feed.fire()
        messages = heard(wire)

    assert statuses(messages) == [{"room": "alerts", "resumed_to": 1, "gap": True}]
    assert numbers(messages) == [2]


async def test_firings_that_are_kept_no_more_leave_a_gap() -> None:
    async with Room() as house:
        for _ in range(9):
            house.feed.fire()
        del house.feed.kept["anna"][:4]
        client, wire = house.client()
        house.room.resume(client, 2)
        await settle(20)
        messages = heard(wire)

    assert numbers(messages) == [5, 6, 7, 8, 9]
    assert statuses(messages)[0]["gap"] is True


async def test_a_number_that_was_left_out_live_is_read_from_the_store() -> None:
    async with Room() as house:
        client, wire = house.client()
        house.room.enter(client)
        house.feed.fire()
        house.feed.commit("anna")  # another process fired, and nobody told us
        house.feed.fire()
        await settle(20)

        assert numbers(heard(wire)) == [1, 2, 3]


async def test_a_client_that_does_not_read_is_waited_for_and_then_gets_the_rest() -> None:
    async with Room() as house:
        for _ in range(5):
            house.feed.fire()
        client, wire = house.client()
        wire.buffered = HIGH_BYTES
        house.room.resume(client, 0)
        await house.clock.advance(1)
        before = numbers(heard(wire))
        wire.buffered = 0
        await house.clock.advance(1)

        assert before == []
        assert numbers(heard(wire)) == [1, 2, 3, 4, 5]


async def test_a_store_that_cannot_be_reached_is_said_and_the_next_resume_works() -> None:
    async with Room() as house:
        house.feed.fire()
        client, wire = house.client()
        house.feed.is_down = True
        house.room.resume(client, 0)
        await settle(20)
        down = heard(wire)
        house.feed.is_down = False
        house.room.resume(client, 0)
        await settle(20)

        assert down[0]["data"]["code"] == "unavailable"
        assert numbers(heard(wire)) == [1]


async def test_who_leaves_hears_nothing_more() -> None:
    async with Room() as house:
        client, wire = house.client()
        house.room.resume(client, 0)
        house.room.leave(client)
        house.room.leave(client)
        house.feed.fire()
        await settle(20)

        assert heard(wire) == []


async def test_after_the_stop_nothing_is_told_and_nobody_crashes() -> None:
    house = Room()
    async with house:
        client, wire = house.client()
        house.room.enter(client)
    house.feed.fire()
    house.room.resume(client, 0)

    assert heard(wire) == []


class Play:
    """One client and its firings, in whatever order things happen."""

    def __init__(self, house: Room) -> None:
        self.house = house
        self.client, self.wire = house.client()
        self.unannounced: list[Firing] = []
        self.seen: list[int] = []

    def commit(self) -> None:
        self.unannounced.append(self.house.feed.commit("anna"))

    def announce(self) -> None:
        if self.unannounced:
            self.house.feed.announce("anna", self.unannounced.pop(0))

    def resume(self) -> None:
        self.look()
        self.house.room.resume(self.client, self.seen[-1] if self.seen else 0)

    def leave(self) -> None:
        self.house.room.leave(self.client)
        self.resume()

    def be_slow(self) -> None:
        self.wire.buffered = HIGH_BYTES

    def be_fast(self) -> None:
        self.wire.buffered = 0

    def look(self) -> None:
        self.seen += numbers(heard(self.wire))


STEPS = st.lists(
    st.sampled_from([Play.commit, Play.announce, Play.resume, Play.leave, Play.be_slow, Play.be_fast, None])
    | st.just(None),
    max_size=60,
)


@given(STEPS, st.integers(0, 6))
@settings(max_examples=300, deadline=None)
async def test_whatever_comes_between_each_firing_is_told_once_and_in_order(
    steps: list[Callable[[Play], None] | None], turns: int
) -> None:
    async with Room() as house:
        house.feed.turns = turns
        play = Play(house)
        play.resume()
        for step in steps:
            if step is None:
                await house.clock.advance(0.02)
            else:
                step(play)
        play.be_fast()
        while play.unannounced:
            play.announce()
        await house.clock.advance(1)
        await settle(60)
        play.look()

        assert play.seen == [each.seq for each in house.feed.kept.get("anna", [])]
