"""Random rules: a plain tree for the oracle and the sentence that says the same."""

import random
from typing import Any

from tests.oracle.oracle import Rule
from tests.oracle.past import Node
from tests.oracle.tape import MINUTE

FRAMES = {"1m": MINUTE, "5m": 5 * MINUTE, "15m": 15 * MINUTE}
SPANS = {"30s": 30, "90s": 90, "2m": 120, "5m": 300, "7m": 420}
LONGEST = 300
"""Characters, of at most 512: so many have at most 64 nodes."""
Told = tuple[Node, str]


class Maker:
    """Makes rules from a seed; prices are around `level`."""

    def __init__(self, seed: int, level: float = 100.0) -> None:
        self.chance = random.Random(seed)
        self.level = level

    def rule(self) -> tuple[Rule, str, str]:
        """Return a rule, its condition as text and the name of its timeframe; none is too long for the language."""
        while True:
            made = self._rule()
            if len(made[1]) <= LONGEST:
                return made

    def _rule(self) -> tuple[Rule, str, str]:
        chance = self.chance
        trigger = chance.choice(
            ["every_time"] * 4 + ["once", "once_per_bar_close", "once_per_bar", "once_per_minute"]
        )
        # judgements that time alone brings would decide which minute's firing comes when
        self.timed = trigger in ("every_time", "once")
        tree, text = self.question(chance.choice([0, 1, 1, 2, 2, 3]))
        name = chance.choice(list(FRAMES))
        is_plain = trigger in ("every_time", "once")
        rule = Rule(
            tree,
            FRAMES[name],
            trigger,
            cooldown=chance.choice([0, 0, 0, 60, 600]) * 10**9,
            fresh=is_plain and chance.random() < 0.2,
            max_triggers=chance.choice([None, None, None, 2, 5]),
        )
        return rule, text, name

    # --- questions ---

    def question(self, depth: int) -> Told:
        if depth <= 0:
            return self.leaf()
        kinds = ["and", "or", "not", "at_least", "recent", "held", "sequence"]
        kind = self.chance.choice(kinds if self.timed else kinds[:4])
        made: Told = getattr(self, f"_{kind}")(depth - 1)
        return made

    def _and(self, depth: int) -> Told:
        return self._joined("and", depth)

    def _or(self, depth: int) -> Told:
        return self._joined("or", depth)

    def _joined(self, word: str, depth: int) -> Told:
        parts = [self.question(depth) for _ in range(self.chance.choice([2, 2, 3]))]
        trees, texts = zip(*parts, strict=True)
        return (word, tuple(trees)), f" {word} ".join(f"({text})" for text in texts)

    def _not(self, depth: int) -> Told:
        tree, text = self.question(depth)
        return ("not", (tree,)), f"not ({text})"

    def _at_least(self, depth: int) -> Told:
        parts = [self.question(depth - 1) for _ in range(3)]
        trees, texts = zip(*parts, strict=True)
        count = self.chance.choice([1, 2])
        return ("at_least", count, tuple(trees)), f"{count} of ({', '.join(texts)})"

    def _recent(self, depth: int) -> Told:
        tree, text = self.question(depth)
        bars, span, words = self._span()
        return ("recent", bars, span, tree), f"({text}) within {words}"

    def _held(self, _depth: int) -> Told:
        tree, text = self.level_question()
        bars, span, words = self._span()
        return ("held", bars, span, tree), f"({text}) for {words}"

    def _sequence(self, depth: int) -> Told:
        (first, one), (second, other) = self.leaf(), self.question(min(depth, 1))
        words, seconds = self.chance.choice(list(SPANS.items()))
        return ("sequence", seconds * 10**9, first, second), f"(({one}) then ({other}) within {words})"

    def _span(self) -> tuple[int | None, int | None, str]:
        if self.chance.random() < 0.3:
            bars = self.chance.choice([1, 2, 3])
            return bars, None, f"{bars} bars" if bars > 1 else "1 bars"
        words, seconds = self.chance.choice(list(SPANS.items()))
        return None, seconds * 10**9, words

    def leaf(self) -> Told:
        return self.edge() if self.chance.random() < 0.45 else self.level_question()

    def edge(self) -> Told:
        if self.chance.random() < 0.25:
            what, low, high, text = self._range()
            is_entering = self.chance.random() < 0.5
            return ("range_edge", is_entering, what, low, high), text("enters" if is_entering else "exits")
        (left, one), (right, other) = self.value(), self.limit()
        direction, words = self.chance.choice(
            [("above", "crosses above"), ("below", "crosses below"), ("either", "crosses")]
        )
        return ("cross", direction, left, right), f"{one} {words} {other}"

    def level_question(self) -> Told:
        kind = self.chance.choice(["compare", "compare", "compare", "range", "move", "rsi"])
        if kind == "range":
            what, low, high, text = self._range()
            is_inside = self.chance.random() < 0.5
            return ("range", is_inside, what, low, high), text("inside" if is_inside else "outside")
        if kind == "move":
            return self._move()
        operator = self.chance.choice([">", ">=", "<", "<="])
        if kind == "rsi":
            name = self._frame()
            limit = self.chance.choice([30, 45, 50, 55, 70])
            left = ("indicator", FRAMES[name], "rsi", (7,))
            return ("compare", operator, left, ("number", limit)), f"rsi(7) on {name} {operator} {limit}"
        (left, one), (right, other) = self.value(), self.limit()
        return ("compare", operator, left, right), f"{one} {operator} {other}"

    def _range(self) -> tuple[Node, Node, Node, Any]:
        (what, one), low = self.value(), self._near()
        high = low + self.chance.choice([0.5, 1.0, 3.0])
        return what, ("number", low), ("number", high), lambda word: f"{one} {word} {low}..{high}"

    def _move(self) -> Told:
        direction = self.chance.choice(["rises", "falls", "moves"])
        words, seconds = self.chance.choice(list(SPANS.items()))
        is_percent = self.chance.random() < 0.5
        amount = self.chance.choice([0.5, 1.0, 2.0])
        text = f"price {direction} by {amount}{'%' if is_percent else ''} in {words}"
        return ("move", direction, amount, is_percent, seconds * 10**9), text

    # --- values, all in units of price ---

    def value(self) -> Told:
        if self.chance.random() < 0.5:
            return ("price",), "price"
        return self.bar_value()

    def limit(self) -> Told:
        if self.chance.random() < 0.6:
            number = self._near()
            return ("number", number), f"{number}"
        return self.bar_value()

    def bar_value(self) -> Told:
        name = self._frame()
        length = FRAMES[name]
        kind = self.chance.choice(["bar", "average", "band", "window", "back", "shifted"])
        count = self.chance.choice([3, 5, 9])
        if kind == "average":
            average = self.chance.choice(["sma", "ema"])
            return ("indicator", length, average, (count,)), f"{average}({count}) on {name}"
        if kind == "band":
            band = self.chance.choice(["upper", "middle", "lower"])
            return (
                "indicator",
                length,
                f"bollinger.{band}",
                (count, 2),
            ), f"bollinger({count}, 2).{band} on {name}"
        if kind == "window":
            word = self.chance.choice(["highest", "lowest", "avg"])
            part = self.chance.choice(["high", "low", "close"])
            return (
                "window",
                length,
                word,
                ("bar", length, part),
                count,
            ), f"{word}({part}, {count}) on {name}"
        if kind == "back":
            part, back = self._part(), self.chance.choice([1, 2, 4])
            return ("back", length, ("bar", length, part), back), f"{part}[{back}] on {name}"
        if kind == "shifted":
            part, add = self._part(), self.chance.choice([0.25, 0.5])
            tree = ("arithmetic", "+", ("bar", length, part), ("number", add))
            return tree, f"(({part} on {name}) + {add})"
        part = self._part()
        return ("bar", length, part), f"{part} on {name}"

    def _part(self) -> str:
        return self.chance.choice(["open", "high", "low", "close"])

    def _frame(self) -> str:
        return self.chance.choice(["1m", "1m", "5m", "15m"])

    def _near(self) -> float:
        return self.level + self.chance.choice([-6, -4, -2.5, -1, 0, 1, 2.25, 4, 6])
