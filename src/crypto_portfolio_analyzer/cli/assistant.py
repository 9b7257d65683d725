"""What an assistant can do: tools over the HTTP surface of a running server, with the rights of its token.

The docstrings are read by language models: they say what a tool is for and what to mind.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from secrets import token_hex
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import quote

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field, ValidationError

from crypto_portfolio_analyzer.api.alert_schemas import (
    AlertsView,
    AlertView,
    DeletedView,
    ExplanationsView,
    FiringsView,
)
from crypto_portfolio_analyzer.api.editor_schemas import BacktestView, ValidationView
from crypto_portfolio_analyzer.api.portfolio_views import PortfolioView
from crypto_portfolio_analyzer.api.schemas import BarsView, MarketView, SymbolsView
from crypto_portfolio_analyzer.cli.client import Client
from crypto_portfolio_analyzer.cli.failures import Failed

Seen = TypeVar("Seen", bound=BaseModel)
Trigger = Literal["once", "every_time", "once_per_bar", "once_per_bar_close", "once_per_minute"]

PATIENCE, PAST_PATIENCE = 20.0, 60.0
"""Seconds that an answer may take, and a back-test: nobody sits before it."""
MOST_PAST = 20
"""So many firings of a back-test are shown, the newest; the count is of all."""
NAME_LENGTH = 100

Symbol = Annotated[str, Field(description="BTC, BTCUSDT or BTC/USDT", max_length=64)]
Condition = Annotated[str, Field(description="in the language of analyzer://conditions", max_length=512)]
Timeframe = Annotated[str, Field(description="1m, 5m, 15m, 1h, 4h, 1d, …", max_length=16)]
AlertName = Annotated[str, Field(description="id or name of an alert", max_length=200)]
Count = Annotated[int, Field(ge=1, le=200)]


class Assistant:
    """The tools. `enter` returns the server to ask, as whoever asks now."""

    def __init__(self, enter: Callable[[], Client]) -> None:
        self._enter = enter
        self._nonce = token_hex(8)
        self._deletions = 0

    async def search_symbols(self, text: Symbol, limit: Count = 20) -> SymbolsView:
        """Find markets by name or a part of it, best match first. `watched` ones already have live prices."""
        found = await self._get(SymbolsView, "/api/symbols", {"q": text, "limit": limit})
        for each in found.symbols:
            each.closes = []
        return found

    async def price(self, symbol: Symbol) -> MarketView:
        """Tell the newest price of a symbol with bid, ask, 24 h change and volume.

        Say how old it is (`age_seconds`), and warn if it is `stale` or `simulated`.
        """
        return await self._get(MarketView, f"/api/market/{_in_path(symbol)}")

    async def bars(
        self,
        symbol: Symbol,
        timeframe: Timeframe = "1h",
        start: datetime | None = None,
        end: datetime | None = None,
        limit: Count = 50,
    ) -> BarsView:
        """Return candles (open, high, low, close, volume), oldest first; the last one may still be forming."""
        span = {name: at.isoformat() for name, at in (("start", start), ("end", end)) if at is not None}
        query: dict[str, str | int] = {"timeframe": timeframe, "limit": limit, **span}
        return await self._get(BarsView, f"/api/market/{_in_path(symbol)}/bars", query)

    async def validate_condition(
        self, condition: Condition, symbol: Symbol | None = None, timeframe: Timeframe = "1m"
    ) -> ValidationView:
        """Read a condition without creating anything: its meaning in words, or each error with its remedy.

        With a symbol that is watched it also tells whether the condition is true now, and by how much it misses.
        """
        asked = {"condition": condition, "timeframe": timeframe}
        asked |= {"symbol": symbol} if symbol is not None else {}
        return await self._send(ValidationView, "POST", "/api/alerts/validate", asked)

    async def backtest_condition(
        self,
        condition: Condition,
        symbol: Symbol,
        timeframe: Timeframe = "1m",
        days: Annotated[float, Field(gt=0, le=366)] = 7.0,
        trigger: Trigger | None = None,
        cooldown_seconds: Annotated[float, Field(ge=0, le=31_536_000)] = 0.0,
    ) -> BacktestView:
        """Tell when a condition would have fired in the past days, and what the price did afterwards.

        `count` is the whole number; the newest 20 firings are listed. The past is no promise.
        """
        asked: dict[str, Any] = {
            "condition": condition,
            "symbol": symbol,
            "timeframe": timeframe,
            "days": days,
        }
        asked |= {"cooldown_seconds": cooldown_seconds} | ({"trigger": trigger} if trigger else {})
        told = await self._send(BacktestView, "POST", "/api/alerts/backtest", asked, patience=PAST_PATIENCE)
        told.firings = told.firings[-MOST_PAST:]
        return told

    async def create_alert(
        self,
        symbol: Symbol,
        condition: Condition,
        *,
        name: Annotated[
            str | None, Field(max_length=NAME_LENGTH, description="unique; made up if absent")
        ] = None,
        timeframe: Timeframe = "1m",
        trigger: Trigger = "once",
        cooldown_seconds: Annotated[float, Field(ge=0, le=31_536_000)] = 60.0,
        message: Annotated[str, Field(max_length=500, description="words that come with it")] = "",
        severity: Literal["info", "warning", "critical"] = "info",
        channels: Annotated[
            list[str] | None, Field(description="names or ids; absent: only the page")
        ] = None,
    ) -> AlertView:
        """Create an alert that watches a symbol from now on. Ask the person first.

        The same call again, as after a lost answer, creates nothing new. A level that is true already fires at once.
        """
        told = {"message": message, "channels": channels, "severity": severity}
        fields: dict[str, Any] = {
            "name": name or f"{symbol} {condition}"[:NAME_LENGTH],
            "symbol": symbol,
            "condition": condition,
            "timeframe": timeframe,
            "trigger": trigger,
            "cooldown_seconds": cooldown_seconds,
            **{field: value for field, value in told.items() if value},
        }
        path = "/api/alerts"
        return await self._send(
            AlertView, "POST", path, fields, query={"source": "gpt"}, key=self._key(fields)
        )

    async def list_alerts(
        self,
        symbol: Symbol | None = None,
        limit: Count = 50,
        cursor: Annotated[str | None, Field(description="`next_cursor` of the page before")] = None,
    ) -> AlertsView:
        """List the person's alerts: what each asks in words, its state, when it fired, how far it is from firing."""
        given = {"symbol": symbol, "cursor": cursor}
        query: dict[str, str | int] = {
            "limit": limit,
            **{name: value for name, value in given.items() if value is not None},
        }
        return await self._get(AlertsView, "/api/alerts", query)

    async def explain_alert(self, alert: AlertName) -> ExplanationsView:
        """Tell why an alert has, or has not, fired: each part of its question with its value and distance now."""
        return await self._get(ExplanationsView, f"{_path(alert)}/explain")

    async def pause_alert(self, alert: AlertName) -> AlertView:
        """Stop an alert until it is resumed; it cannot fire meanwhile. Ask the person first."""
        return await self._send(AlertView, "POST", f"{_path(alert)}/pause")

    async def resume_alert(self, alert: AlertName) -> AlertView:
        """Let a paused alert watch again, from a fresh start."""
        return await self._send(AlertView, "POST", f"{_path(alert)}/resume")

    async def delete_alert(self, alert: AlertName) -> DeletedView:
        """Delete an alert. Ask the person first; on the page it can be taken back until `restore_until`."""
        gone = await self._send(DeletedView, "DELETE", _path(alert))
        self._deletions += 1
        return gone

    async def list_firings(
        self,
        alert: AlertName | None = None,
        symbol: Symbol | None = None,
        since: datetime | None = None,
        limit: Count = 20,
    ) -> FiringsView:
        """List what fired, newest first, each with its evidence and what became of it at every channel."""
        query: dict[str, str | int] = {"limit": limit}
        if alert is not None:
            query["alert_id"] = (await self._get(AlertView, _path(alert))).id
        query |= {"symbol": symbol} if symbol is not None else {}
        query |= {"since": since.isoformat()} if since is not None else {}
        return await self._get(FiringsView, "/api/firings", query)

    async def portfolio(self) -> PortfolioView:
        """Tell what the person holds, what it is worth now, and how that changed over 24 hours.

        If it is not `complete`, some holdings have no price yet and are missing from the totals: say so.
        """
        return await self._get(PortfolioView, "/api/portfolio")

    def _key(self, fields: dict[str, Any]) -> str:
        """Return what makes the same creation one; after a deletion it may be meant anew."""
        said = json.dumps([self._nonce, self._deletions, fields], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()

    async def _get(self, kind: type[Seen], path: str, query: dict[str, str | int] | None = None) -> Seen:
        return await self._send(kind, "GET", path, query=query)

    async def _send(self, kind: type[Seen], method: str, path: str, body: Any = None, **how: Any) -> Seen:
        """Ask the server; raises ToolError in its words, with the remedy."""
        try:
            told = await self._enter().send(method, path, body, **{"patience": PATIENCE, **how})
            return kind.model_validate(told)
        except Failed as error:
            problem = error.problem
            where = "".join(f"\n- {line}" for line in problem.where)
            raise ToolError(f"{problem.what}{where}\nWhat to do: {problem.fix}") from error
        except ValidationError as error:
            message = (
                "the server answers as another version would\nWhat to do: run both from one installation"
            )
            raise ToolError(message) from error


def _in_path(symbol: str) -> str:
    """Return a symbol as addresses take it: `BTC-USDT`."""
    return quote(symbol.replace("/", "-"), safe="")


def _path(alert: str) -> str:
    return f"/api/alerts/{quote(alert, safe='')}"
