"""Tests of core/coverage.py."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from crypto_portfolio_analyzer.core.coverage import CoverageLedger, CoverageStatus, Interval

LIVE, BACKFILLED, APPROXIMATED, MISSING = CoverageStatus


def spans(ledger, from_at=None, until_at=None):
    return [(part.from_at, part.until_at, str(part.status)) for part in ledger.intervals(from_at, until_at)]


def opened(at=100, until=200):
    ledger = CoverageLedger()
    ledger.open_live(at)
    ledger.extend(until)
    return ledger


def test_live_feed_is_covered_until_it_was_last_seen():
    assert spans(opened(), until_at=300) == [(100, 200, "live")]


def test_time_from_arming_to_the_first_fact_is_missing():
    ledger = CoverageLedger()
    ledger.arm(50)
    ledger.open_live(100)
    ledger.extend(200)

    assert spans(ledger) == [(50, 100, "missing"), (100, 200, "live")]


def test_time_from_loss_to_return_is_missing():
    ledger = opened()
    ledger.close(150)
    ledger.open_live(180)
    ledger.extend(250)

    assert spans(ledger) == [(100, 150, "live"), (150, 180, "missing"), (180, 250, "live")]


def test_lost_feed_is_missing_until_now():
    ledger = opened()
    ledger.close(200)

    assert spans(ledger, until_at=260) == [(100, 200, "live"), (200, 260, "missing")]
    assert not ledger.is_live


def test_nothing_is_accounted_while_nobody_wants_it():
    ledger = opened()
    ledger.disarm(200)
    ledger.extend(999)
    ledger.open_live(500)
    ledger.extend(600)

    assert spans(ledger) == [(100, 200, "live"), (500, 600, "live")]
    assert sum(ledger.totals(900).values()) == 200


def test_disarming_ends_a_missing_stretch():
    ledger = CoverageLedger()
    ledger.arm(10)
    ledger.disarm(30)

    assert spans(ledger, until_at=99) == [(10, 30, "missing")]
    assert not ledger.is_armed


def test_backfill_replaces_what_was_missing_and_nothing_better():
    ledger = opened()
    ledger.close(150)
    ledger.open_live(180)
    ledger.extend(250)

    ledger.mark(140, 170, BACKFILLED)

    assert spans(ledger) == [
        (100, 150, "live"), (150, 170, "backfilled"), (170, 180, "missing"), (180, 250, "live"),
    ]  # fmt: skip


def test_trades_found_after_bars_replace_the_approximation():
    ledger = opened()
    ledger.mark(120, 160, MISSING)
    ledger.mark(120, 160, APPROXIMATED)
    ledger.mark(130, 150, BACKFILLED)
    ledger.mark(110, 170, APPROXIMATED)

    assert spans(ledger) == [
        (100, 120, "live"), (120, 130, "approximated"), (130, 150, "backfilled"),
        (150, 160, "approximated"), (160, 200, "live"),
    ]  # fmt: skip


def test_loss_found_inside_a_live_stretch_is_missing():
    ledger = opened()
    ledger.mark(150, 160, MISSING)

    assert spans(ledger) == [(100, 150, "live"), (150, 160, "missing"), (160, 200, "live")]


def test_gap_reported_ahead_of_the_last_fact_leaves_the_feed_live():
    ledger = opened()
    ledger.mark(210, 230, MISSING)
    ledger.extend(300)

    assert spans(ledger) == [(100, 210, "live"), (210, 230, "missing"), (230, 300, "live")]
    assert ledger.is_live


def test_marks_join_their_neighbours():
    ledger = opened()
    ledger.mark(150, 160, MISSING)
    ledger.mark(150, 160, LIVE)

    assert spans(ledger) == [(100, 200, "live")]


def test_history_before_arming_can_be_marked():
    ledger = opened()
    ledger.mark(20, 100, APPROXIMATED)

    assert spans(ledger) == [(20, 100, "approximated"), (100, 200, "live")]


def test_shares_add_up_to_one_and_the_unaccounted_is_missing():
    ledger = opened()
    ledger.mark(150, 160, MISSING)
    ledger.mark(150, 155, BACKFILLED)

    shares = ledger.covered(90, 210)

    assert shares == {LIVE: 90 / 120, BACKFILLED: 5 / 120, APPROXIMATED: 0.0, MISSING: 25 / 120}


def test_gaps_are_what_is_not_known():
    ledger = opened()
    ledger.mark(150, 160, MISSING)
    ledger.mark(150, 155, APPROXIMATED)

    assert ledger.gaps(90, 210) == [(90, 100), (155, 160), (200, 210)]
    assert ledger.gaps(110, 140) == []
    assert CoverageLedger().gaps(5, 9) == [(5, 9)]


def test_changes_are_told_once_and_reach_back_to_what_they_touch():
    ledger = opened()
    first = ledger.take_changes()
    again = ledger.take_changes()
    ledger.extend(300)
    longer = ledger.take_changes()
    ledger.mark(150, 160, MISSING)
    marked = ledger.take_changes()

    assert (first.from_at, first.intervals) == (100, (Interval(100, 200, LIVE),))
    assert again is None
    assert (longer.from_at, longer.intervals) == (100, (Interval(100, 300, LIVE),))
    assert marked.from_at == 100
    assert [part.until_at for part in marked.intervals] == [150, 160, 300]


def test_ledger_goes_on_where_the_stored_one_ended():
    ledger = CoverageLedger([Interval(100, 200, LIVE)])
    ledger.arm(150)
    ledger.open_live(260)
    ledger.extend(300)

    assert spans(ledger) == [(100, 200, "live"), (200, 260, "missing"), (260, 300, "live")]


def test_old_intervals_are_forgotten():
    ledger = opened()
    ledger.close(200)
    ledger.open_live(220)
    ledger.extend(300)

    ledger.prune(210)

    assert spans(ledger) == [(200, 220, "missing"), (220, 300, "live")]


def test_empty_marks_do_nothing():
    ledger = opened()
    ledger.mark(160, 160, MISSING)
    ledger.mark(170, 160, MISSING)

    assert spans(ledger) == [(100, 200, "live")]


INSTANTS = st.integers(0, 1000)


class LedgerOfAnyLife(RuleBasedStateMachine):
    """Any calls in any order: a plain list of one status per ns, and a store that only sees changes, agree."""

    def __init__(self):
        super().__init__()
        self.ledger = CoverageLedger()
        self.stored = []
        self.now = 0

    def step(self, by):
        self.now += by
        return self.now

    @rule(by=st.integers(0, 50))
    def arm(self, by):
        self.ledger.arm(self.step(by))

    @rule(by=st.integers(0, 50))
    def open_live(self, by):
        self.ledger.open_live(self.step(by))

    @rule(by=st.integers(0, 50))
    def extend(self, by):
        self.ledger.extend(self.step(by))

    @rule(by=st.integers(0, 50), back=st.integers(0, 30))
    def close(self, by, back):
        self.ledger.close(self.step(by) - back)

    @rule(by=st.integers(0, 50))
    def disarm(self, by):
        self.ledger.disarm(self.step(by))

    @rule(at=INSTANTS, length=st.integers(0, 80), status=st.sampled_from(CoverageStatus))
    def mark(self, at, length, status):
        before = per_nanosecond(self.ledger, self.now)
        until_at = min(at + length, self.now)
        self.ledger.mark(at, until_at, status)
        after = per_nanosecond(self.ledger, self.now)
        for instant in range(at, until_at):
            known = before.get(instant, MISSING)
            best = min(known, status, key=list(CoverageStatus).index)
            assert after[instant] == (MISSING if status is MISSING else best)
        assert {k: v for k, v in before.items() if not at <= k < until_at}.items() <= after.items()

    @rule()
    def store(self):
        changes = self.ledger.take_changes()
        if changes:
            kept = [part for part in self.stored if part.until_at <= changes.from_at]
            self.stored = [*kept, *changes.intervals]
        assert joined(self.stored) == self.ledger.intervals()

    @invariant()
    def intervals_are_ordered_and_apart(self):
        parts = self.ledger.intervals(until_at=self.now)
        assert all(part.from_at < part.until_at for part in parts)
        for left, right in pairwise(parts):
            assert left.until_at <= right.from_at
            assert left.until_at < right.from_at or left.status is not right.status

    @invariant()
    def shares_are_whole(self):
        assert abs(sum(self.ledger.covered(0, 1200).values()) - 1) < 1e-12
        assert min(self.ledger.covered(100, 300).values()) >= 0


def joined(parts):
    return CoverageLedger(parts).intervals()


def per_nanosecond(ledger, now):
    return {
        at: part.status
        for part in ledger.intervals(until_at=now)
        for at in range(part.from_at, part.until_at)
    }


TestLedgerOfAnyLife = LedgerOfAnyLife.TestCase


@given(st.lists(st.tuples(st.sampled_from(["open", "extend", "close"]), st.integers(0, 20)), max_size=40))
def test_all_armed_time_is_accounted(calls):
    ledger, now = CoverageLedger(), 0
    ledger.arm(0)
    for call, by in calls:
        now += by
        {"open": ledger.open_live, "extend": ledger.extend, "close": ledger.close}[call](now)
    ledger.extend(now)

    assert sum(ledger.totals(now).values()) == now
    assert sum(part.until_at - part.from_at for part in ledger.intervals(until_at=now)) == now
