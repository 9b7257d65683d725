"""A lane knows what is next, what is under way, and when it may be used."""

from crypto_portfolio_analyzer.engine.delivery import lanes
from crypto_portfolio_analyzer.engine.delivery.lanes import Tracks
from tests.engine.delivery.media import Hook, Medium, Trade, channel_of
from tests.engine.delivery.works import work
from tests.fakes import FakeClock

CLOCK = FakeClock()
CHAT, HOOK, TRADE = Medium(CLOCK), Hook(CLOCK), Trade(CLOCK)


def test_an_ordered_lane_has_one_place_and_a_programs_four():
    tracks = Tracks()

    assert tracks.of("a", channel_of(), CHAT).places(0) == 1
    assert tracks.of("b", channel_of("hook"), HOOK).places(0) == 4
    assert tracks.of("c", channel_of("trade"), TRADE).is_serial


def test_a_new_lane_knows_how_its_channel_did_before():
    track = Tracks().of("a", channel_of("hook", failures=7), HOOK)

    assert track.breaker.is_open
    assert track.places(0) == 1  # the first probe may go at once


def test_a_blocked_lane_has_no_place_until_then():
    track = Tracks().of("a", channel_of(), CHAT)
    track.blocked_until = 10

    assert track.places(9) == 0
    assert track.opens_at() == 10
    assert track.places(10) == 1


def test_ready_are_lanes_with_something_next_and_a_place_for_it():
    tracks, channel = Tracks(), channel_of()
    idle, busy, full = (tracks.of(key, channel, CHAT) for key in ("idle", "busy", "full"))
    busy.next.append((channel, (work(1),)))
    full.next.append((channel, (work(2),)))
    full.flying = 1

    assert [each.key for each in tracks.ready(0)] == ["busy"]
    assert tracks.load == 3
    assert idle.is_idle


def test_lanes_at_rest_are_forgotten_when_there_are_many(monkeypatch):
    monkeypatch.setattr(lanes, "IDLE_LANES", 3)
    tracks, channel = Tracks(), channel_of()
    tracks.of("busy", channel, CHAT).flying = 1
    for key in "abcdef":
        tracks.of(key, channel, CHAT)

    assert len(list(tracks)) <= 3
    assert "busy" in {each.key for each in tracks}
