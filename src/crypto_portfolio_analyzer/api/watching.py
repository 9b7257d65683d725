"""Who made the feeds watch a symbol: the operator for good, or a question for a minute."""

from collections.abc import Iterable
from difflib import get_close_matches
from http import HTTPStatus

from crypto_portfolio_analyzer.api.problems import Problem
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.errors import InvalidSymbol
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.views import Latest, WatchState, WatchView

VISIT_SECONDS = 60.0
PATIENCE_SECONDS = 3.0
MOST_VISITS = 50
_LOOK_EVERY = 0.05


class Watching:
    """The wishes the doors hold at the feeds."""

    def __init__(
        self, *, feeds: PriceFeedManager, market: Market, clock: Clock, standing: Iterable[str]
    ) -> None:
        self._feeds, self._market, self._clock = feeds, market, clock
        self._standing = set(standing)
        """Spellings watched for good; the wishes of the first ones were made at the start."""
        self._visits: dict[str, float] = {}

    def watch(self, text: str) -> tuple[WatchView, bool]:
        """Watch a symbol for good; return it and whether that is new. Raises Problem (404)."""
        found = self.find(text)
        if found is not None and found.asked in self._standing:
            return found, False
        view = self._want(text)
        self._standing.add(view.asked)
        return view, True

    def unwatch(self, text: str) -> None:
        """Take the standing wish back. Raises Problem: 404 not watched, 409 somebody else watches it."""
        found = self.find(text)
        if found is None:
            raise self.unknown(text, "is not watched")
        if found.asked not in self._standing:
            raise Problem(HTTPStatus.CONFLICT, f"{found.asked} is watched by connected clients only")
        self._standing.discard(found.asked)
        self._feeds.release(found.asked)

    def lasting(self) -> list[WatchView]:
        """Return every watch but the visits."""
        return [view for view in self._feeds.watches() if view.asked not in self._visits]

    def is_standing(self, view: WatchView) -> bool:
        """Tell whether a symbol is watched for good."""
        return view.asked in self._standing

    def find(self, text: str) -> WatchView | None:
        """Return the watch a spelling means; raises Problem (404) for one that can name no market."""
        try:
            return self._feeds.find(text)
        except InvalidSymbol as error:
            raise self.unknown(text, "is not a symbol") from error

    async def latest(self, text: str) -> Latest:
        """Return the newest price of a symbol; one nobody watches is watched for a minute.

        Raises:
            Problem: 404 no venue lists it, 503 no price came in time.

        """
        view = await self.visit(text)
        deadline = self._clock.monotonic() + PATIENCE_SECONDS
        while True:
            view = self.find(text) or view
            latest = self._market.latest(view.symbol)
            if latest is not None:
                return latest
            if view.state is WatchState.REFUSED or self._clock.monotonic() > deadline:
                self._end(view.asked)
                raise self._no_price(text, view)
            await self._clock.sleep(_LOOK_EVERY)

    async def visit(self, text: str) -> WatchView:
        """Return the watch of a symbol, begun for a minute if there is none."""
        found = self.find(text)
        if found is not None:
            if found.asked in self._visits:
                self._visits[found.asked] = self._clock.monotonic() + VISIT_SECONDS
            return found
        if len(self._visits) >= MOST_VISITS:
            raise Problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"{MOST_VISITS} symbols are being looked up already",
                remedy="watch the symbol, or ask again in a minute",
                headers={"Retry-After": "60"},
            )
        view = self._want(text)
        self._visits[view.asked] = self._clock.monotonic() + VISIT_SECONDS
        return view

    def sweep(self) -> None:
        """End the visits whose minute is over."""
        now = self._clock.monotonic()
        for text in [text for text, until in self._visits.items() if until <= now]:
            self._end(text)

    def unknown(self, text: str, what: str) -> Problem:
        """Return the refusal of a symbol, with the nearest known one."""
        wanted = _plain(text)
        known = {name.upper(): name for view in self.lasting() for name in (view.asked, view.symbol)}
        known.update((each.symbol, each.symbol) for each in self._market.instruments())
        known.pop(wanted, None)
        near = get_close_matches(wanted, known, n=1, cutoff=0.5)
        remedy = f"did you mean {known[near[0]]}?" if near else "write it like BTCUSDT or BTC-USDT"
        refusal = Problem(HTTPStatus.NOT_FOUND, f"{text[:40]!r} {what}", remedy=remedy)
        if near:
            refusal.more["nearest"] = known[near[0]]
        return refusal

    def _end(self, text: str) -> None:
        if self._visits.pop(text, None) is not None:
            self._feeds.release(text)

    def _want(self, text: str) -> WatchView:
        try:
            return self._feeds.want(text)
        except InvalidSymbol as error:
            raise Problem(HTTPStatus.NOT_FOUND, str(error), remedy=error.remedy) from error

    def _no_price(self, text: str, view: WatchView) -> Problem:
        if view.state is WatchState.REFUSED or self._market.instrument(view.symbol) is None:
            return self.unknown(
                text, view.reason or f"has no price: no venue sent one in {PATIENCE_SECONDS:g} s"
            )
        return Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            f"no price of {view.symbol} came within {PATIENCE_SECONDS:g} s",
            remedy="look at /status, then ask again",
            headers={"Retry-After": "5"},
        )


def _plain(text: str) -> str:
    try:
        return parse_symbol(text).canonical()
    except InvalidSymbol:
        return text.upper()[:48]
