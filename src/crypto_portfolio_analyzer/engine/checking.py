"""Checking: what a draft asks for, against what there is: symbols, watchlists, conditions, quotas."""

from collections.abc import Collection, Iterator
from typing import Any

from msgspec.structs import asdict

from crypto_portfolio_analyzer.core.alerts import AlertDraft
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.notices.operands import operands_of
from crypto_portfolio_analyzer.core.notices.templates import Template
from crypto_portfolio_analyzer.core.timeframes import parse_timeframe
from crypto_portfolio_analyzer.engine.ports import AlertStore
from crypto_portfolio_analyzer.engine.symbols import canonical_all
from crypto_portfolio_analyzer.errors import Fault, InvalidCondition, InvalidFields, InvalidInput, NotFound
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager

QUOTA = 500
"""Alerts of one owner."""


class Checking:
    """Turns drafts into fields of alerts. An owner may have `quota` alerts, unless it is one of the `unbound`."""

    def __init__(
        self, store: AlertStore, feeds: PriceFeedManager, *, quota: int, unbound: Collection[str]
    ) -> None:
        self._store, self._feeds, self._quota, self._unbound = store, feeds, quota, unbound

    async def fields(self, owner: str, draft: AlertDraft, path: str, faults: list[Fault]) -> dict[str, Any]:
        """Return the fields of the alert that a draft asks for; adds what is wrong with it to `faults`.

        Raises InvalidCondition if there is no path to tell where the condition stands.
        """
        symbols, wrong = canonical_all(draft.symbols, self._feeds, f"{path}symbol")
        faults += wrong
        if draft.watchlist is not None:
            try:
                await self._store.watchlist(owner, draft.watchlist)
            except NotFound as error:
                faults.append(Fault(f"{path}watchlist", str(error), "make it first, or give symbols"))
        elif not draft.symbols:
            faults.append(Fault(f"{path}symbol", "is missing", "give one of symbol, symbols and watchlist"))
        changed: dict[str, Any] = {"symbols": symbols}
        operands: tuple[str, ...] | None = None
        try:
            timeframe = parse_timeframe(draft.timeframe).name
            condition = read_condition(draft.condition, timeframe)
            operands = operands_of(condition)
            changed |= {"timeframe": timeframe, "condition": condition.spelling}
        except InvalidCondition as error:
            if not path:
                raise
            faults.append(Fault(f"{path}condition", str(error), f"write: {error.fix}" if error.fix else ""))
        except InvalidInput as error:
            faults.append(Fault(f"{path}timeframe", str(error)))
        faults += _message_faults(draft.message, f"{path}message", operands)
        return asdict(draft) | changed

    async def keep_quota(self, owner: str, more: int) -> None:
        """Refuse what would be too many alerts of one owner; raises InvalidFields."""
        if owner in self._unbound:
            return
        count = len(await self._store.of_owner(owner, limit=self._quota + 1))
        if count + more > self._quota:
            problem = f"{count} alerts exist and {more} more would be over the limit of {self._quota}"
            raise InvalidFields([Fault("alerts", problem, "remove some first")])


def _message_faults(message: str, path: str, operands: Collection[str] | None) -> Iterator[Fault]:
    """Yield what is wrong with the names in a message; without `operands` those of values are not asked about."""
    try:
        Template.read(message, path, operands=operands)
    except InvalidFields as error:
        yield from error.faults
