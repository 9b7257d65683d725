"""Alerts over recordings: the judge that runs live follows a replay, armed before the first frame."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import asdict

from crypto_portfolio_analyzer.core.alerts import EVERY_SYMBOL, Alert, AlertDraft, Firing
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.tree import Condition
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.ordering import LaneState
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.core.venues import EXCHANGES
from crypto_portfolio_analyzer.engine.following import Following
from crypto_portfolio_analyzer.errors import Fault, InvalidFields
from crypto_portfolio_analyzer.streaming.replay import Replay

_OWNER = "replay"


class ReplayedFiring(Struct, frozen=True):
    """What fired, of the alert of this name."""

    name: str
    firing: Firing


class ReplayedAlerts:
    """Alerts of a file that follow a replay of `exchange`; what they did is in `firings`, in order.

    Indicators count from TA-Lib's first value, since a recording has no history.
    """

    def __init__(self, drafts: Sequence[AlertDraft], exchange: str) -> None:
        self.firings: list[ReplayedFiring] = []
        self.suppressed = 0
        self._drafts, self._quote = drafts, EXCHANGES[exchange]().default_quote
        self._judge = Judge(
            forming=self._forming, settle=False, columnar=False, is_complete=self._is_complete
        )
        self._everywhere: list[tuple[Alert, Condition]] = []
        self._names: dict[str, str] = {}
        self._running: Replay | None = None
        self._following: Following | None = None

    def begin(self, running: Replay, at: int) -> None:
        """Arm every alert; raises InvalidFields for one that a recording cannot serve."""
        self._running = running
        for number, draft in enumerate(self._drafts):
            self._arm(number, draft, at)
        self._following = Following(
            self._judge,
            running.market,
            {running.venue.exchange.name: running.venue},
            running.bus,
            running.clock,
            self._take,
        )
        self._following.begin()

    def meet(self, symbol: str) -> None:
        """Arm the alerts over every symbol for a new one."""
        for alert, condition in self._everywhere:
            self._arm_for(alert, condition, symbol, self._now)

    def advance(self, now: int) -> None:
        """Judge what time alone changes up to `now` (ns)."""
        self._judge.flush()
        if now >= self._judge.next_due:
            self._judge.advance(now)
        if self._judge.is_waiting:
            self._take()

    def finish(self) -> None:
        """Judge what is left."""
        self._judge.flush()
        self._take()
        if self._following is not None:
            self._following.end()

    @property
    def _now(self) -> int:
        return self._running.clock.now() if self._running is not None else 0

    def _arm(self, number: int, draft: AlertDraft, at: int) -> None:
        if draft.watchlist is not None:
            problem = "is kept by the server, which a replay does not ask"
            raise InvalidFields([Fault(f"{draft.name}: watchlist", problem, "name its symbols")])
        if not draft.enabled:
            return
        condition = read_condition(draft.condition, draft.timeframe)
        symbols = tuple(
            each if each == EVERY_SYMBOL else parse_symbol(each).canonical(self._quote)
            for each in draft.symbols
        )
        fields = asdict(draft) | {"symbols": symbols}
        alert = Alert(id=str(number), number=number, owner=_OWNER, created_at=at, updated_at=at, **fields)
        self._names[alert.id] = alert.name
        if EVERY_SYMBOL in symbols:
            self._everywhere.append((alert, condition))
            return
        for symbol in symbols:
            self._arm_for(alert, condition, symbol, at)

    def _arm_for(self, alert: Alert, condition: Condition, symbol: str, at: int) -> None:
        self._judge.arm(alert, condition, symbol, None, at)
        assert self._running is not None
        for demand in self._judge.demands().values():
            rolls = self._running.market.entry(demand.symbol).rolls
            for timeframe in demand.history:
                rolls.want(timeframe)

    def _is_complete(self, symbol: str) -> bool:
        lane = self._running.venue.lanes.get(symbol) if self._running is not None else None
        return lane is None or lane.state is LaneState.OPEN

    def _forming(self, symbol: str, timeframe: str) -> Bar | None:
        if self._running is None:
            return None
        return next(
            (bar for bar in self._running.market.bars(symbol, timeframe, limit=1) if not bar.closed), None
        )

    def _take(self) -> None:
        for decision in self._judge.take().decisions:
            self.suppressed += decision.suppressed is not None
            if decision.firing is not None:
                name = self._names[decision.firing.alert_id]
                self.firings.append(ReplayedFiring(name, decision.firing))
