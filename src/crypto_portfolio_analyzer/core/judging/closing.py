"""Closing: bars that end at one instant are taken together, then every condition they touch is judged once."""

from collections.abc import Sequence
from functools import partial

from crypto_portfolio_analyzer.core.alerts import Cause
from crypto_portfolio_analyzer.core.judging.board import Board
from crypto_portfolio_analyzer.core.judging.case import Case
from crypto_portfolio_analyzer.core.judging.lifecycle import Event
from crypto_portfolio_analyzer.core.judging.moment import Moment
from crypto_portfolio_analyzer.core.judging.roll import Roll, by_number, closes_of
from crypto_portfolio_analyzer.core.judging.rulings import Rulings
from crypto_portfolio_analyzer.core.judging.timers import WATERMARK_LAG
from crypto_portfolio_analyzer.core.judging.waking import Waking
from crypto_portfolio_analyzer.core.market import Bar, BarKind
from crypto_portfolio_analyzer.core.timeframes import open_of


class Closing:
    """Holds the bars of one instant until all that came with them are there."""

    def __init__(self, roll: Roll, board: Board, rulings: Rulings, waking: Waking) -> None:
        self._roll, self._board, self._rulings, self._waking = roll, board, rulings, waking
        self.bars: list[Bar] = []
        """Bars that wait to be judged, all of one end."""

    def take(self, bar: Bar) -> None:
        """Take a closed bar that somebody waits for and that is newer than what is known."""
        if self.bars and self.bars[0].close_at != bar.close_at:
            self.flush()
        subject = self._roll.subjects.get(bar.symbol)
        if subject is None or bar.timeframe not in subject.closers:
            return
        before = subject.closed_at.get(bar.timeframe)
        is_partial = before is None and bar.kind is BarKind.APPROXIMATED
        if not is_partial and (before is None or bar.close_at > before):
            self.bars.append(bar)

    def flush(self) -> None:
        """Judge the bars that wait."""
        bars, self.bars = self.bars, []
        if not bars:
            return
        at = bars[0].close_at
        bars = [bar for bar in bars if bar.symbol in self._roll.subjects]
        for symbol in dict.fromkeys(bar.symbol for bar in bars):
            subject = self._roll.subject(symbol)
            self._waking.run_before(subject, at)
            subject.sync()
        self._board.close(bars)
        touched: set[Case] = set()
        for bar in bars:
            subject = self._roll.subject(bar.symbol)
            subject.closed_at[bar.timeframe] = at
            subject.last_close = bar.close
            touched.update(subject.closers.get(bar.timeframe, ()))
        for case in sorted(touched, key=by_number):
            self._judge(case, at, bars)
        for subject in {case.subject: None for case in touched}:
            subject.bound()

    def _judge(self, case: Case, at: int, bars: Sequence[Bar]) -> None:
        """Judge a case at a bar's end, or let it wait for the bars of other subjects that end there too."""
        if case.warm_up():
            self._rulings.change(case, Event.READY, "armed", at)
        if case.plan.has_foreign and self._is_early(case, at):
            if case.waits_for != at:
                case.waits_for = at
                # one ns behind the bars that the watermark closes
                self._waking.timers.set(at + WATERMARK_LAG + 1, partial(self._boundary_passed, case, at))
            return
        case.waits_for = None
        self._waking.judge(case, self._moment(case, at, bars))

    def _is_early(self, case: Case, at: int) -> bool:
        """Tell whether a bar that ends at the instant has not closed yet."""
        return any(
            open_of(at, timeframe) == at and self._roll.subject(symbol).closed_at.get(timeframe, 0) < at
            for symbol, timeframe in closes_of(case)
        )

    def _boundary_passed(self, case: Case, at: int) -> None:
        """Judge with the other subject's previous bar, and say so."""
        if case.waits_for == at:
            case.waits_for = None
            moment = self._moment(case, at, ())
            moment.cause = Cause.BOUNDARY
            self._waking.judge(case, moment)
            case.subject.bound()

    def _moment(self, case: Case, at: int, bars: Sequence[Bar]) -> Moment:
        subject = case.subject
        own = [bar for bar in bars if bar.symbol == subject.symbol]
        bar = min(own, key=lambda each: each.close_at - each.open_at, default=None)
        received_at = max([self._waking.now, *(each.received_at for each in bars)])
        closed = [key for key in closes_of(case) if self._roll.subject(key[0]).closed_at.get(key[1]) == at]
        moment = Moment(at=at, received_at=received_at, detected_at=received_at, closed=frozenset(closed))
        if bar is None:
            moment.venue = subject.state.venue
            return moment
        moment.venue, moment.price, moment.bar = bar.venue, bar.close, bar
        moment.approximated = bar.kind is BarKind.APPROXIMATED
        if bar.kind is BarKind.BACKFILLED:
            moment.late, moment.cause = True, Cause.GAP_BACKFILL
        return moment
