"""What is taken: as much as there is room for, floods whole, and nothing before its time."""

from collections import Counter

from crypto_portfolio_analyzer.channels.kinds import Rate
from crypto_portfolio_analyzer.core.notices.notification import Lane
from crypto_portfolio_analyzer.engine.delivery.lanes import Tracks
from crypto_portfolio_analyzer.engine.delivery.pacing import Pacer
from crypto_portfolio_analyzer.engine.delivery.planning import Planner
from crypto_portfolio_analyzer.engine.delivery.timing import AHEAD, IN_FLIGHT, LARGEST, PAIRS_AHEAD
from tests.engine.delivery.media import Hook, Medium, Trade, channel_of
from tests.engine.delivery.works import SECOND
from tests.fakes import NOON, FakeClock


class Board:
    def __init__(self):
        self.clock = FakeClock()
        self.media = {each.name: each(self.clock) for each in (Medium, Hook, Trade)}
        self.tracks, self.pacer = Tracks(), Pacer(self.clock)
        self.planner = Planner(self.media, self.tracks, self.pacer)

    def track(self, channel):
        medium = self.media[channel.type]
        return self.tracks.of(medium.lane(channel, ""), channel, medium)

    def plan(self, *lanes, held=None):
        return self.planner.plan(lanes, Counter(held or {}), NOON)


def lane(channel, due=100, due_at=NOON):
    return Lane(channel, due_at, due)


def test_of_each_kind_as_many_as_can_be_used_soon():
    board = Board()
    hook, chat, trade = channel_of("hook"), channel_of("chat", group="off"), channel_of("trade")
    plan = board.plan(lane(hook), lane(chat), lane(trade), held={trade.id: 6})

    assert plan.wishes == {hook.id: 4 * AHEAD, chat.id: AHEAD, trade.id: PAIRS_AHEAD - 6}


def test_a_flood_of_people_is_taken_whole_and_a_few_are_not():
    board = Board()
    flood, few, programs = channel_of("chat"), channel_of("chat"), channel_of("hook")
    plan = board.plan(lane(flood, 700), lane(few, 20), lane(programs, 700))

    assert plan.wishes == {flood.id: 700, few.id: AHEAD, programs.id: 8}
    assert board.plan(lane(flood, 10 * LARGEST)).wishes == {flood.id: LARGEST}


def test_nothing_is_taken_before_its_time_and_the_look_is_then():
    board = Board()
    plan = board.plan(lane(channel_of(), 0, NOON + 9 * SECOND), lane(channel_of(), 5, NOON + 4 * SECOND))

    assert (plan.wishes, plan.look_at) == ({}, NOON + 4 * SECOND)


def test_a_closed_lane_is_looked_at_when_it_opens_and_an_open_breaker_has_one_probe():
    board = Board()
    blocked, broken = channel_of(), channel_of("hook", failures=5)
    board.track(blocked).blocked_until = NOON + 7 * SECOND
    plan = board.plan(lane(blocked), lane(broken))

    assert (plan.wishes, plan.look_at) == ({broken.id: 1}, NOON + 7 * SECOND)


def test_a_limit_that_many_share_lets_no_more_be_taken_than_can_go_within_a_second():
    board = Board()
    board.media["hook"].limits = (Rate("host", 5, 1.0),)
    plan = board.plan(*(lane(channel_of("hook", owner=f"o{n}")) for n in range(40)))

    assert sum(plan.wishes.values()) == 5


def test_no_more_is_under_way_than_the_house_can_bear():
    board = Board()
    many = [lane(channel_of("hook", owner=f"o{n % 7}")) for n in range(300)]

    assert sum(board.plan(*many).wishes.values()) == IN_FLIGHT


def test_a_type_that_is_no_more_is_left_alone():
    plan = Board().plan(lane(channel_of("fax")))

    assert (plan.wishes, plan.look_at) == ({}, None)
