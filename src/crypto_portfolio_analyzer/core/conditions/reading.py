"""Reading: from the text of a condition to its checked tree, or to an error that names place, fault and remedy."""

from lark.exceptions import UnexpectedToken

from crypto_portfolio_analyzer.core.conditions import explaining, syntax
from crypto_portfolio_analyzer.core.conditions.check import MOST_NODES, Checker, nodes_in
from crypto_portfolio_analyzer.core.conditions.flaws import Flaw
from crypto_portfolio_analyzer.core.conditions.lexing import LONGEST, tokens_of
from crypto_portfolio_analyzer.core.conditions.names import Catalogue, UnknownWord
from crypto_portfolio_analyzer.core.conditions.spelling import spell_question
from crypto_portfolio_analyzer.core.conditions.tree import Condition
from crypto_portfolio_analyzer.core.series.catalog import SERIES
from crypto_portfolio_analyzer.core.timeframes import parse_timeframe
from crypto_portfolio_analyzer.errors import InvalidCondition


def read_condition(text: str, timeframe: str = "1m", catalogue: Catalogue = SERIES) -> Condition:
    """Return the checked condition of a text, for an alert whose own timeframe is `timeframe`.

    Raises:
        InvalidCondition: the text cannot be read, or can never be meant.
        InvalidInput: the timeframe is none.

    """
    name = parse_timeframe(timeframe).name
    try:
        return _read(text, name, catalogue)
    except Flaw as flaw:
        fix = flaw.fixed(text)
        if fix is not None and not _is_right(fix, name, catalogue):
            fix = None
        raise InvalidCondition(text, flaw.start, flaw.end, flaw.problem, fix) from None


def _read(text: str, timeframe: str, catalogue: Catalogue) -> Condition:
    tokens = tokens_of(text)
    try:
        node = syntax.parsed(tokens)
    except UnexpectedToken as error:
        raise explaining.unexpected(error, tokens, text, catalogue) from None
    checker = Checker(catalogue, timeframe)
    try:
        question = checker.check(node)
    except UnknownWord as word:
        raise explaining.unknown(word, tokens, catalogue) from None
    if nodes_in(question) > MOST_NODES:
        raise Flaw(0, len(text), f"a condition has at most {MOST_NODES} parts; make two alerts of it")
    spelling = spell_question(question, None if checker.names_own else timeframe, catalogue)
    if len(spelling) > LONGEST:
        problem = f"spelled out this has more than {LONGEST} characters; make two alerts of it"
        raise Flaw(0, len(text), problem)
    return Condition(question, spelling, timeframe, tuple(checker.cautions))


def _is_right(text: str, timeframe: str, catalogue: Catalogue) -> bool:
    try:
        _read(text, timeframe, catalogue)
    except Flaw:
        return False
    return True
