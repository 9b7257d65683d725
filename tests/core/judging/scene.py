"""What the tests of the judge are played with: hand-made trees, facts on a second's grid, a judge and its docket."""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Alert, Cursor, Firing, Standing, Suppressed, Trigger
from crypto_portfolio_analyzer.core.conditions import tree
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.spelling import spell_question
from crypto_portfolio_analyzer.core.judging.judge import Judge
from crypto_portfolio_analyzer.core.market import Arrival, Bar, Quote, Ticker, Trade
from crypto_portfolio_analyzer.core.series.catalog import Domain, Unit
from crypto_portfolio_analyzer.core.timeframes import MINUTE, parse_timeframe

SECOND = 10**9
START = 1_700_000_040 * SECOND
"""A whole minute."""
BTC, ETH = "BTC/USDT", "ETH/USDT"


def at(seconds: float) -> int:
    """Return an instant so many seconds after the start."""
    return START + round(seconds * SECOND)


def number(value: float, unit: Unit = Unit.PRICE) -> tree.Number:
    """Return a literal."""
    text = f"{value:.0f}" if float(value).is_integer() else repr(value)
    return tree.Number(float(value), unit, text)


def tick(kind: str = "price", subject: str | None = None, unit: Unit = Unit.PRICE) -> tree.Series:
    """Return a tick series."""
    return tree.Series(kind, "", (), unit, Domain.TICK, subject=subject)


def bars(kind: str = "close", timeframe: str = "1m", *arguments: float, **rest: Any) -> tree.Series:
    """Return a bar series."""
    return tree.Series(kind, "", arguments, Unit.PRICE, Domain.BAR, timeframe, **rest)


PRICE = tick()


def above(level: float, left: tree.Value = PRICE) -> tree.Comparison:
    """`left > level`."""
    return tree.Comparison(">", left, number(level))


def below(level: float, left: tree.Value = PRICE) -> tree.Comparison:
    """`left < level`."""
    return tree.Comparison("<", left, number(level))


def crosses(
    level: float | tree.Value, direction: tree.Direction = tree.Direction.UP, left: tree.Value = PRICE
) -> tree.Cross:
    """`left crosses … level`."""
    return tree.Cross(direction, left, number(level) if isinstance(level, float | int) else level)


def trade(
    seconds: float,
    price: float,
    *,
    number: int | None = None,
    symbol: str = BTC,
    arrival: Arrival = Arrival.LIVE,
    delay: float = 0.1,
    venue: str = "binance",
) -> Trade:
    """Return a trade."""
    happened = at(seconds)
    return Trade(
        venue, symbol, price, 1.0, "buy", number, happened, happened + round(delay * SECOND), arrival
    )


def quote(seconds: float, bid: float, ask: float, symbol: str = BTC) -> Quote:
    """Return the best bid and ask."""
    return Quote("binance", symbol, bid, 1.0, ask, 1.0, at(seconds), at(seconds + 0.1))


def ticker(seconds: float, price: float, **rest: Any) -> Ticker:
    """Return 24 h statistics."""
    return Ticker("binance", BTC, price, at(seconds), at(seconds + 0.1), **rest)


def bar(
    minute: int, close: float, *, timeframe: str = "1m", symbol: str = BTC, delay: float = 0.1, **rest: Any
) -> Bar:
    """Return a closed bar, the `minute`-th of its timeframe from the start; all its prices are the close."""
    length = parse_timeframe(timeframe).length
    opened = START + minute * length
    prices = {"open": close, "high": close, "low": close} | rest
    ended = opened + length
    return Bar(
        "binance", symbol, timeframe, opened, ended, close=close, volume=1.0, closed=True,
        received_at=ended + round(delay * SECOND), **prices,
    )  # fmt: skip


def condition_of(question: tree.Question, timeframe: str, *, is_wakeful: bool = False) -> tree.Condition:
    """Return a checked condition."""
    cautions = (tree.Caution("worth a look", "", 0, 1),) if is_wakeful else ()
    return tree.Condition(question, spell_question(question, timeframe), timeframe, cautions)


def new_judge(**options: Any) -> Judge:
    """Return a judge without forming bars, and without history to wait for unless told otherwise."""
    given: dict[str, Any] = {"settle": False, "forming": lambda _symbol, _timeframe: None}
    return Judge(**(given | options))


def alert(**fields: Any) -> Alert:
    """Return an alert: every time, without cooldown, unless told otherwise."""
    given: dict[str, Any] = {
        "id": "alert-1",
        "number": 1,
        "owner": "anna",
        "name": "alert 1",
        "symbols": (BTC,),
        "condition": "",
        "trigger": Trigger.EVERY_TIME,
        "cooldown": 0,
    }
    return Alert(**(given | fields))


class Scene:
    """A judge without history to wait for, and everything it has decided so far."""

    def __init__(self, **options: Any) -> None:
        self.judge = new_judge(**options)
        self.firings: list[Firing] = []
        self.suppressed: list[Suppressed] = []
        self.stored: dict[tuple[str, str], Standing] = {}
        self.armed: list[tuple[Alert, tree.Condition, str]] = []
        self.cursors: dict[str, Cursor] = {}
        self._options = options
        self._number = 0

    def restart(self, now: float) -> None:
        """Let a new judge go on from what was stored."""
        self.judge = new_judge(**self._options)
        self.judge.resume(self.cursors.values())
        for alert, condition, symbol in self.armed:
            self.judge.arm(alert, condition, symbol, self.stored[alert.id, symbol], at(now))

    def arm(
        self,
        question: tree.Question,
        *,
        symbol: str = BTC,
        now: float = 0,
        standing: Standing | None = None,
        is_wakeful: bool = False,
        **fields: Any,
    ) -> Alert:
        """Arm a question as an alert: every time, without cooldown, unless told otherwise.

        One that is `is_wakeful` is a case from the beginning, whatever it asks.
        """
        armed = alert(**self._next(symbol) | fields)
        condition = condition_of(question, armed.timeframe, is_wakeful=is_wakeful)
        return self._arm(armed, condition, symbol, standing, now)

    def arm_text(self, text: str, **fields: Any) -> Alert:
        """Arm a condition as people write it."""
        armed = alert(**self._next(BTC) | fields)
        return self._arm(armed, read_condition(text, armed.timeframe), BTC, None, 0)

    def _next(self, symbol: str) -> dict[str, Any]:
        self._number += 1
        name = f"alert-{self._number}"
        return {"id": name, "name": name, "number": self._number, "symbols": (symbol,)}

    def _arm(
        self, armed: Alert, condition: tree.Condition, symbol: str, standing: Standing | None, now: float
    ) -> Alert:
        self.armed.append((armed, condition, symbol))
        self.stored[armed.id, symbol] = self.judge.arm(armed, condition, symbol, standing, at(now))
        return armed

    def play(self, *facts: Trade | Bar | Quote | Ticker) -> list[Firing]:
        """Hand over facts as they were received; return what fired."""
        for fact in facts:
            if fact.received_at >= self.judge.next_due:
                self.judge.advance(fact.received_at)
            getattr(self.judge, type(fact).__name__.lower())(fact)
        return self.take()

    def prices(self, *prices: float, start: float = 0, step: float = 1, symbol: str = BTC) -> list[Firing]:
        """Play trades, one a step."""
        return self.play(
            *(trade(start + place * step, price, symbol=symbol) for place, price in enumerate(prices))
        )

    def wait(self, seconds: float) -> list[Firing]:
        """Let our clock reach an instant."""
        self.judge.advance(at(seconds))
        return self.take()

    def take(self) -> list[Firing]:
        """Take what was decided; return what fired."""
        self.judge.flush()
        batch = self.judge.take()
        for decision in batch.decisions:
            self.stored[decision.standing.alert_id, decision.standing.symbol] = decision.standing
        for standing in batch.dirty:
            self.stored[standing.alert_id, standing.symbol] = standing
        self.cursors |= {cursor.symbol: cursor for cursor in batch.cursors}
        new = [decision.firing for decision in batch.decisions if decision.firing is not None]
        self.firings += new
        self.suppressed += [each.suppressed for each in batch.decisions if each.suppressed is not None]
        return new

    def standing(self, alert: Alert, symbol: str = BTC) -> Standing:
        """Return a standing as it is now."""
        return next(each for each in self.judge.standings(alert.id) if each.symbol == symbol)


def instants(firings: Iterable[Firing]) -> list[float]:
    """Return when firings happened, in seconds after the start."""
    return [(firing.event_at - START) / SECOND for firing in firings]


def minutes(count: float) -> int:
    """Return minutes in ns."""
    return round(count * MINUTE)


def seconds(count: float) -> int:
    """Return seconds in ns."""
    return round(count * SECOND)


def late(fact: Trade) -> Trade:
    """Return a trade whose place in the order has passed."""
    return replace(fact, arrival=Arrival.LATE)
