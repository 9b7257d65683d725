"""The judge: facts in, decisions out. Every armed alert over every subject, evaluated only where something flips.

The caller hands over facts in the order they were received, and before each one the instant it was received
(`advance`), so that what time alone decides is decided first. The same judge serves live, replay and back-test.
"""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import (
    Alert,
    AlertState,
    Batch,
    Cursor,
    Explanation,
    Silence,
    Standing,
)
from crypto_portfolio_analyzer.core.conditions.tree import Condition
from crypto_portfolio_analyzer.core.judging.board import Board
from crypto_portfolio_analyzer.core.judging.case import Case
from crypto_portfolio_analyzer.core.judging.closing import Closing
from crypto_portfolio_analyzer.core.judging.docket import Docket, Scope
from crypto_portfolio_analyzer.core.judging.evidence import explain
from crypto_portfolio_analyzer.core.judging.hearing import Hearing, moment_at, moment_of
from crypto_portfolio_analyzer.core.judging.lifecycle import Event
from crypto_portfolio_analyzer.core.judging.moment import Moment
from crypto_portfolio_analyzer.core.judging.roll import Roll
from crypto_portfolio_analyzer.core.judging.rulings import Rulings
from crypto_portfolio_analyzer.core.judging.sleepers import is_unused
from crypto_portfolio_analyzer.core.judging.subjects import BOOK_SERIES, Hole
from crypto_portfolio_analyzer.core.judging.waking import IsComplete, Waking
from crypto_portfolio_analyzer.core.market import (
    Arrival,
    Bar,
    Gap,
    Quote,
    SourceChange,
    Ticker,
    Trade,
)
from crypto_portfolio_analyzer.errors import NotFound

LIVE = Arrival.LIVE

Forming = Callable[[str, str], Bar | None]
"""The forming bar of (symbol, timeframe), if there is one."""


class Demand(Struct, frozen=True):
    """What the judge needs of one subject: bar timeframes with how much history, and whether it follows the book."""

    symbol: str
    history: dict[str, int]
    needs_quotes: bool = False


class Judge:
    """Holds armed alerts, follows facts, collects what must be stored.

    `settle` says whether indicators wait until they are settled (live) or count from TA-Lib's first value (files).
    `columnar` keeps the common indicators as columns over all subjects. While facts of a symbol are not complete,
    time alone decides nothing of it.
    """

    def __init__(
        self,
        *,
        forming: Forming,
        settle: bool = True,
        columnar: bool = True,
        is_complete: IsComplete = lambda _symbol: True,
    ) -> None:
        self._board = Board(settle=settle, columnar=columnar)
        self._roll = Roll(self._board, forming, settle=settle)
        self._subjects = self._roll.subjects
        self._columns = self._roll.columns
        self._docket = Docket(self._columns)
        self._rulings = Rulings(self._docket)
        self._waking = Waking(self._rulings, is_complete)
        self._closing = Closing(self._roll, self._board, self._rulings, self._waking)
        self._hearing = Hearing(self._roll, self._closing, self._docket, self._rulings, self._waking)

    # --- alerts -------------------------------------------------------------------------------------------

    def resume(self, cursors: Iterable[Cursor]) -> None:
        """Let symbols go on from the prices they were judged with last; to be called before anything is armed.

        Crossings that are armed with their stored standing then know the side they come from.
        """
        self._roll.resume({cursor.symbol: cursor for cursor in cursors})

    def arm(
        self, alert: Alert, condition: Condition, symbol: str, standing: Standing | None, now: int
    ) -> Standing:
        """Take an alert for one subject into judgement, going on from a stored standing; return its state now.

        A standing of another revision counts for nothing: the alert begins anew.
        """
        subject = self._roll.subject(symbol)
        self.disarm(alert.id, symbol)
        self._subjects[symbol] = (
            subject  # what is known of it stays, though the last alert on it may have gone
        )
        if standing is None or standing.revision != alert.revision:
            standing = Standing(alert_id=alert.id, symbol=symbol, revision=alert.revision, since=now)
            armed = replace(standing, state=AlertState.ARMED, reason="armed")
        else:
            armed = standing
        subject.sync()
        if is_unused(armed) and self._roll.lay_down(alert, condition, symbol, armed.since):
            return armed
        case = self._roll.make(alert, condition, symbol, standing)
        moment = moment_at(case.subject, now)
        if not alert.enabled:
            case.become(Event.PAUSED, "switched off", now)
        elif case.is_warm or case.warm_up():
            self._begin(case, moment)
        elif not case.standing.reason:
            case.standing.reason = "waits for history"
        self._settle(case)
        return case.remember()

    def disarm(self, alert_id: str, symbol: str | None = None) -> None:
        """Let go of an alert, for one subject or all."""
        self.flush()
        for each in [symbol] if symbol is not None else self._roll.symbols(alert_id):
            case = self._roll.drop(alert_id, each)
            if case is not None:
                self._docket.forget(case)

    def demand(self, symbol: str) -> Demand | None:
        """Return what is needed of one subject now; None if nothing is asked of it."""
        subject = self._subjects.get(symbol)
        if subject is None:
            return None
        history = dict.fromkeys(subject.closers, 1) | dict(self._board.history(symbol))
        return Demand(symbol, history, any(key[0] in BOOK_SERIES for key in subject.series))

    def demands(self) -> dict[str, Demand]:
        """Return what is needed of each subject now."""
        demands = ((symbol, self.demand(symbol)) for symbol in self._subjects)
        return {symbol: demand for symbol, demand in demands if demand is not None}

    def silence(self, silences: Sequence[Silence]) -> None:
        """Replace the silences in force."""
        self._rulings.silences = tuple(silences)

    def standings(self, alert_id: str) -> list[Standing]:
        """Return the standings of an alert as they are now."""
        return self._roll.standings(alert_id)

    def explain(self, alert_id: str, symbol: str) -> Explanation:
        """Return why an alert has or has not fired; raises NotFound if it is not held."""
        case = self._roll.find(alert_id, symbol)
        if case is None:
            raise NotFound("armed alert", f"{alert_id} for {symbol}")
        case.subject.sync()
        moment = moment_at(case.subject, max(self._waking.now, case.subject.state.event_at))
        self._settle(case)
        return explain(case, moment, self._rulings.silenced(case, moment.at))

    def take(self, scope: Scope = Scope.ALL) -> Batch:
        """Return what must be stored of the symbols in scope, with cursors that are consistent with it."""
        return self._docket.take(scope)

    @property
    def is_waiting(self) -> bool:
        """Tell whether decisions wait to be taken. Read after each fact."""
        return self._docket.is_waiting

    # --- facts --------------------------------------------------------------------------------------------

    def trade(self, trade: Trade) -> None:
        """Judge a trade; late and back-filled ones say so themselves."""
        if self._closing.bars:
            self._closing.flush()
        columns = self._columns
        number = columns.numbers.get(trade.symbol)
        if number is None:
            return
        if not columns.is_touched[number]:
            columns.is_touched[number] = 1
            columns.touched.append(number)
        is_quiet = columns.low[number] < trade.price < columns.high[number]
        if is_quiet and trade.event_at < columns.due[number] and trade.arrival is LIVE:
            columns.last[number] = trade  # nothing flips: the state is brought up when somebody asks
        elif trade.arrival is Arrival.LATE:
            self._hearing.late(self._subjects[trade.symbol], trade)
        else:
            self._hearing.trade(self._subjects[trade.symbol], trade)

    def quiet(self) -> Callable[[Trade], bool]:
        """Return what takes a trade that only moves the price on, and tells whether it was one; else nothing is done.

        It says what `advance` and `trade` would do of most ticks, in one call with everything at hand.
        """
        columns, closing, ringing = self._columns, self._closing, self._waking.timers.ringing
        numbers, low, high = columns.numbers.get, columns.low, columns.high
        due, last, is_touched = columns.due, columns.last, columns.is_touched

        def take(trade: Trade) -> bool:
            if closing.bars or (ringing and ringing[0][0] <= trade.received_at):
                return False
            number = numbers(trade.symbol)
            if number is None:
                return True
            if not low[number] < trade.price < high[number]:
                return False
            if trade.event_at >= due[number] or trade.arrival is not LIVE:
                return False
            last[number] = trade
            if not is_touched[number]:
                is_touched[number] = 1
                columns.touched.append(number)
            return True

        return take

    def ticker(self, ticker: Ticker) -> None:
        """Judge 24 h statistics."""
        subject = self._hearing.heard(ticker.symbol, ticker.event_at)
        if subject is not None:
            subject.take_ticker(ticker)
            self._hearing.changed(subject, moment_of(ticker))

    def quote(self, quote: Quote) -> None:
        """Judge the best bid and ask."""
        subject = self._hearing.heard(quote.symbol, quote.event_at)
        if subject is not None:
            subject.take_quote(quote)
            self._hearing.changed(subject, moment_of(quote))

    def path(self, bar: Bar) -> None:
        """Judge the price along a stored bar, for want of its trades.

        It goes from the open to the nearer extreme, the other extreme and the close (equal distance: low first), at
        even steps of the bar's span; what fires is marked as approximated. Steps before the newest fact are left out.
        """
        step = (bar.close_at - bar.open_at) // 4
        for place, price in enumerate(path_of(bar)):
            at = bar.open_at + place * step
            subject = self._hearing.heard(bar.symbol, at)
            if subject is not None and at > subject.state.event_at:
                subject.take_price(price, bar.venue, at, bar.received_at)
                subject.hear(at)
                moment = Moment(
                    at=at, received_at=bar.received_at, detected_at=bar.received_at, venue=bar.venue
                )
                moment.price, moment.bar, moment.approximated = price, bar, True
                self._hearing.changed(subject, moment)

    def bar(self, bar: Bar) -> None:
        """Take a closed bar; all that closed at one instant are judged together at the next fact or `flush`.

        Corrected bars, and such as come after newer ones, change nothing here: they are history (`seed`). A first
        bar whose start was not seen is unknown, and left out.
        """
        if bar.closed and not bar.corrected:
            self._closing.take(bar)

    def gap(self, gap: Gap) -> None:
        """Note that facts may be missing."""
        subject = self._hearing.heard(gap.symbol, 0)
        if subject is not None:
            subject.gap = subject.gap or Hole(subject.last)
            subject.state.gap = True
            at = gap.received_at
            self._hearing.changed(subject, Moment(at=at, received_at=at, detected_at=at, venue=gap.venue))

    def source_change(self, change: SourceChange, symbol: str) -> None:
        """Note that another venue serves a symbol: references begin anew."""
        subject = self._hearing.heard(symbol, 0)
        if subject is not None:
            subject.forget()
            for case in self._roll.touching(subject):
                case.forget_references()
                self._docket.judged(case)
            subject.bound()

    def lose(self, symbol: str, now: int) -> None:
        """Note that no venue covers a symbol any more; the next fact of it ends that."""
        subject = self._hearing.heard(symbol, 0)
        if subject is not None:
            subject.is_lost = True
            for case in subject.cases.values():
                if case.plan.clocks:  # what asks for the silence itself goes on being judged
                    continue
                case.start_over()
                self._rulings.change(case, Event.LOST, "no venue covers the symbol", now)
                self._waking.set(case, moment_at(subject, now))
            subject.bound()

    def seed(self, symbol: str, timeframe: str, bars: Sequence[Bar], now: int) -> None:
        """Take closed history, oldest first; standings that only waited for it become armed."""
        self.flush()
        subject = self._subjects.get(symbol)
        if subject is None or not bars:
            return
        self._board.seed(symbol, timeframe, bars)
        subject.closed_at[timeframe] = max(bars[-1].close_at, subject.closed_at.get(timeframe, 0))
        for case in list(subject.closers.get(timeframe, ())):
            moment = moment_at(case.subject, now)
            if case.warm_up():
                self._begin(case, moment)
                self._docket.decide(case)
            self._settle(case)

    @property
    def next_due(self) -> int:
        """Return when time alone changes something next (ns); a very large number if never. Read before each fact."""
        bars = self._closing.bars
        return bars[0].received_at + 1 if bars else self._waking.timers.next_due

    def advance(self, now: int) -> None:
        """Judge what time alone changes up to `now`; bars that were taken before it first."""
        bars = self._closing.bars
        if bars and now > bars[-1].received_at:
            self._closing.flush()
        self._waking.now = max(self._waking.now, now)
        self._waking.timers.run(now)

    def flush(self) -> None:
        """Judge the bars that were taken."""
        self._closing.flush()

    # --- inside -------------------------------------------------------------------------------------------

    def _settle(self, case: Case) -> None:
        """Set what wakes a case; what came due with its subject's newest fact, or since, is still to be judged."""
        self._waking.set(case, moment_at(case.subject, case.subject.state.event_at - 1))
        case.subject.bound()

    def _begin(self, case: Case, moment: Moment) -> None:
        """Arm what only waited for its history, and ask at once: a level that is true already fires."""
        if case.become(Event.READY, "armed", moment.at):
            case.subject.sync()
            case.open_windows()
            if case.is_closer:  # its first close already has the one before it to compare with
                case.plan.question.answer(moment)
            self._rulings.judge(case, moment)


def path_of(bar: Bar) -> tuple[float, float, float, float]:
    """Return the prices a bar is taken to have passed: open, nearer extreme, other extreme, close."""
    low_first = bar.open - bar.low <= bar.high - bar.open
    extremes = (bar.low, bar.high) if low_first else (bar.high, bar.low)
    return bar.open, *extremes, bar.close
