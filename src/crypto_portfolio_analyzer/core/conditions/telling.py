"""Telling: questions as clauses and sentences, in any language; a language fills in its grammar."""

from collections.abc import Mapping

from msgspec import Struct

from crypto_portfolio_analyzer.core.conditions.check import is_momentary
from crypto_portfolio_analyzer.core.conditions.names import Catalogue
from crypto_portfolio_analyzer.core.conditions.phrases import ACCUSATIVE, DATIVE, Phrases, Words
from crypto_portfolio_analyzer.core.conditions.spelling import Leaf
from crypto_portfolio_analyzer.core.conditions.tree import (
    And,
    AtLeast,
    Comparison,
    Cross,
    Flag,
    Held,
    Move,
    Not,
    Or,
    Question,
    Range,
    RangeEdge,
    Recent,
    Sequence,
)

Verb = tuple[str, str]
"""A verb and what it takes."""


class Clause(Struct, frozen=True):
    """Who does what."""

    subject: str
    verb: str
    rest: str


class Grammar(Struct, frozen=True):
    """How a language says questions; `is_verb_last` in its subordinate clauses."""

    words: Words
    is_verb_last: bool
    comparisons: Mapping[str, Verb]
    ranges: Mapping[bool, Verb]
    edges: Mapping[bool, Verb]
    crosses: Mapping[str, Verb]
    moves: Mapping[str, Verb]
    flag: tuple[str, str, str]
    both: str
    either: str
    moment: str
    negated: str
    at_least: str
    held: str
    recent: str
    sequence: str


class Teller:
    """Says questions in one language."""

    def __init__(self, grammar: Grammar, catalogue: Catalogue) -> None:
        self._grammar, self._phrases = grammar, Phrases(grammar.words, catalogue)

    def sentence(self, question: Question, is_subordinate: bool = False) -> str:
        """Return a question as a sentence without its full stop."""
        grammar, span = self._grammar, self._phrases.span
        match question:
            case And(parts):
                return self._both(parts, is_subordinate)
            case Or(parts):
                return grammar.either.join(self._part(each, is_subordinate) for each in parts)
            case Not(inner):
                return grammar.negated.format(self.sentence(inner, True))
            case AtLeast(count, parts):
                return grammar.at_least.format(count, "; ".join(self.sentence(each) for each in parts))
            case Held(inner, bars, ns):
                return grammar.held.format(self._part(inner, is_subordinate), span(bars, ns))
            case Recent(inner, bars, ns):
                return grammar.recent.format(self._part(inner, is_subordinate), span(bars, ns))
            case Sequence(first, second, bars, ns):
                return grammar.sequence.format(self._part(first), span(bars, ns), self._part(second))
            case _:
                return self._said(self._clause(question), is_subordinate)

    def _both(self, parts: tuple[Question, ...], is_subordinate: bool) -> str:
        """Say what holds, and then the moment at which it is asked."""
        levels = [part for part in parts if not is_momentary(part)]
        edges = [part for part in parts if is_momentary(part)]
        if not levels or not edges:
            return self._grammar.both.join(self._part(each, is_subordinate) for each in parts)
        first = self._grammar.both.join(self._part(each, is_subordinate) for each in levels)
        moment = self._grammar.both.join(self._part(each, True) for each in edges)
        return first + self._grammar.moment.format(moment)

    def _part(self, question: Question, is_subordinate: bool = False) -> str:
        text = self.sentence(question, is_subordinate)
        return f"({text})" if isinstance(question, And | Or | Sequence | AtLeast) else text

    def _said(self, clause: Clause, is_subordinate: bool) -> str:
        order = (clause.verb, clause.rest)
        if is_subordinate and self._grammar.is_verb_last:
            order = (clause.rest, clause.verb)
        return " ".join((clause.subject, *order))

    def _clause(self, leaf: Leaf) -> Clause:
        grammar, called = self._grammar, self._phrases.value
        match leaf:
            case Comparison(operator, left, right):
                return _clause(called(left), grammar.comparisons[operator], called(right, DATIVE))
            case Cross(direction, left, right):
                return _clause(called(left), grammar.crosses[direction], called(right, ACCUSATIVE))
            case Range(is_inside, value, low, high):
                ends = called(low, DATIVE), called(high, DATIVE)
                return _clause(called(value), grammar.ranges[is_inside], *ends)
            case RangeEdge(is_entering, value, low, high):
                ends = called(low, DATIVE), called(high, DATIVE)
                return _clause(called(value), grammar.edges[is_entering], *ends)
            case Move(direction, value, amount, _, bars, ns):
                span = self._phrases.span(bars, ns)
                return _clause(called(value), grammar.moves[direction], called(amount, ACCUSATIVE), span)
            case Flag(value):
                subject, verb, rest = grammar.flag
                return _clause(subject, (verb, rest), called(value, ACCUSATIVE))


def _clause(subject: str, verb: Verb, *values: str) -> Clause:
    return Clause(subject, verb[0], verb[1].format(*values))
