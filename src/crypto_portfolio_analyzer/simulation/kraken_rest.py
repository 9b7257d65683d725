"""The simulated Kraken's REST side, `/0/public`."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from crypto_portfolio_analyzer.simulation.bars import TapeBar
from crypto_portfolio_analyzer.simulation.book import LEVELS, Side
from crypto_portfolio_analyzer.simulation.kraken_streams import INTERVALS
from crypto_portfolio_analyzer.simulation.kraken_wire import Wire
from crypto_portfolio_analyzer.simulation.market import Market
from crypto_portfolio_analyzer.simulation.tape import rows
from crypto_portfolio_analyzer.simulation.venue import Reply, reply
from crypto_portfolio_analyzer.simulation.wording import MINUTE, SECOND, fixed

Query = Mapping[str, str]
_LARGEST_PAGE = 1000
_BARS = 720


class _RefusedError(Exception):
    """A request that cannot be answered, in Kraken's words."""


class KrakenRest:
    """Answers public GET requests; errors come with status 200 and an `error` list."""

    def __init__(self, market: Market, wires: list[Wire]) -> None:
        self._market, self._wires = market, wires
        self._by_name = {name: number for number, wire in enumerate(wires) for name in wire.spellings}
        self._paths: dict[str, Callable[[Query, int], Any]] = {
            "/0/public/Time": self._time,
            "/0/public/SystemStatus": self._status,
            "/0/public/AssetPairs": self._pairs,
            "/0/public/Ticker": self._tickers,
            "/0/public/Trades": self._trades,
            "/0/public/OHLC": self._bars,
            "/0/public/Depth": self._depth,
        }

    def answer(self, path: str, query: Query, now: int) -> Reply:
        """Answer one request as of `now`."""
        act = self._paths.get(path)
        if act is None:
            return reply({"error": ["EGeneral:Unknown method"]}, 404)
        try:
            return reply({"error": [], "result": act(query, now)})
        except _RefusedError as refused:
            return reply({"error": [str(refused)]})

    def refusal(self, status: int, wait: float) -> Reply:
        """Return an error as Kraken words it."""
        if status in (418, 429):
            return reply({"error": ["EGeneral:Too many requests"]}, 429)
        return reply({"error": ["EService:Unavailable"]}, status)

    def _find(self, name: str) -> int:
        if name not in self._by_name:
            raise _RefusedError("EQuery:Unknown asset pair")
        return self._by_name[name]

    def _one(self, query: Query) -> int:
        if not query.get("pair"):
            raise _RefusedError("EGeneral:Invalid arguments")
        return self._find(query["pair"])

    def _several(self, query: Query) -> list[int]:
        named = query.get("pair", "")
        return [self._find(name) for name in named.split(",")] if named else list(range(len(self._wires)))

    def _time(self, query: Query, now: int) -> dict[str, Any]:
        at = (now + self._market.skew) // SECOND
        return {"unixtime": at, "rfc1123": f"{datetime.fromtimestamp(at, UTC):%a, %d %b %y %H:%M:%S +0000}"}

    def _status(self, query: Query, now: int) -> dict[str, Any]:
        return {
            "status": "online",
            "timestamp": f"{datetime.fromtimestamp(now // SECOND, UTC):%Y-%m-%dT%H:%M:%SZ}",
        }

    def _pairs(self, query: Query, now: int) -> dict[str, Any]:
        return {self._wires[number].rest_name: self._pair(number) for number in self._several(query)}

    def _pair(self, number: int) -> dict[str, Any]:
        wire, listing = self._wires[number], self._wires[number].listing
        legacy = wire.rest_name != wire.altname
        return {
            "altname": wire.altname, "wsname": wire.wsname, "aclass_base": "currency",
            "base": f"X{wire.rest_base}" if legacy else wire.rest_base, "aclass_quote": "currency",
            "quote": "ZUSD" if listing.quote == "USD" else listing.quote, "lot": "unit", "cost_decimals": 5,
            "pair_decimals": listing.price_decimals, "lot_decimals": 8, "lot_multiplier": 1,
            "ordermin": fixed(1, listing.quantity_decimals), "costmin": "0.5",
            "tick_size": fixed(1, listing.price_decimals), "status": "online",
        }  # fmt: skip

    def _tickers(self, query: Query, now: int) -> dict[str, Any]:
        return {self._wires[number].rest_name: self._ticker(number, now) for number in self._several(query)}

    def _ticker(self, number: int, now: int) -> dict[str, Any]:
        wire, day, book = (
            self._wires[number],
            self._market.day(number, now),
            self._market.books.at(number, now),
        )
        ticks, lots = self._market.last(number, now)
        return {
            "a": _best(wire, book.asks), "b": _best(wire, book.bids), "c": [wire.price(ticks), wire.quantity(lots)],
            "v": [wire.quantity(day.lots)] * 2, "p": [wire.average(day)] * 2, "t": [day.trades] * 2,
            "l": [wire.price(day.low)] * 2, "h": [wire.price(day.high)] * 2, "o": wire.price(day.open),
        }  # fmt: skip

    def _trades(self, query: Query, now: int) -> dict[str, Any]:
        """Answer trades after `since` (ns, or s), oldest first; without it the newest."""
        number, skew = self._one(query), self._market.skew
        limit = min(_LARGEST_PAGE, max(1, _whole(query, "count", _LARGEST_PAGE)))
        stop = self._market.count(number, now)
        since = _whole(query, "since", -1)
        if since < 0:
            first = stop - limit
        else:
            since = since * SECOND if since < 10**12 else since
            first = self._market.count(number, since - skew)
            stop = min(stop, first + limit)
        trades = self._market.tape.stretch(number, first, stop)
        trades = trades._replace(at=trades.at + skew)
        wire = self._wires[number]
        last = int(trades.at[-1]) if len(trades.at) else max(since, 0)
        return {wire.rest_name: [wire.rest_trade(row) for row in rows(trades)], "last": str(last)}

    def _bars(self, query: Query, now: int) -> dict[str, Any]:
        """Answer up to 720 bars after `since`, the forming one included; `last` is the newest closed one."""
        number, minutes = self._one(query), _whole(query, "interval", 1)
        if minutes not in INTERVALS:
            raise _RefusedError("EGeneral:Invalid arguments")
        newest = self._newest_bars(number, minutes, now)
        since = _whole(query, "since", 0) * SECOND - self._market.skew
        told = [bar for bar in newest if bar.open_at > since] if "since" in query else newest
        wire = self._wires[number]
        last = newest[-2] if len(newest) > 1 else newest[-1]
        return {
            wire.rest_name: [wire.rest_bar(bar, self._market.skew) for bar in told],
            "last": (last.open_at + self._market.skew) // SECOND,
        }

    def _newest_bars(self, number: int, minutes: int, now: int) -> list[TapeBar]:
        start = now - (_BARS + 1) * minutes * MINUTE
        return self._market.bars(number, start, now + 1, minutes=minutes, now=now)[-_BARS:]

    def _depth(self, query: Query, now: int) -> dict[str, Any]:
        number, depth = self._one(query), min(LEVELS, max(1, _whole(query, "count", 100)))
        wire, book, at = self._wires[number], self._market.books.at(number, now), now // SECOND
        sides = {"asks": book.asks, "bids": book.bids}
        told = {
            name: [[wire.price(ticks), wire.quantity(lots), at] for ticks, lots in list(side.items())[:depth]]
            for name, side in sides.items()
        }
        return {wire.rest_name: told}


def _best(wire: Wire, side: Side) -> list[str]:
    ticks, lots = next(iter(side.items()))
    return [wire.price(ticks), str(max(1, int(float(wire.quantity(lots))))), wire.quantity(lots)]


def _whole(query: Query, name: str, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.isdecimal() or len(text) > 19:
        raise _RefusedError("EGeneral:Invalid arguments")
    return int(text)
