"""A freqtrade-like REST API on a loopback port, as its rpc/api_server answers, that counts what a client does wrong.

Violations: `parallel_entry` (another entry is being placed), `not_enabled` (an entry while force_entry_enable is off),
`bad_login`, `expired_token`, `no_token`, `bad_body`, `repeated_tag` (a second entry with one tag).
"""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

from aiohttp import web
from msgspec import Struct

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.simulation.receivers import Receiver

ACCESS_LIFE, REFRESH_LIFE = 15 * 60, 30 * 86_400
"""Seconds that tokens live."""
_ENTRY = {"pair", "side", "price", "ordertype", "stakeamount", "entry_tag", "leverage"}
_EXIT = {"tradeid", "ordertype", "amount"}


class Trade(Struct, kw_only=True):
    """An open trade as /status tells it, as far as anybody reads."""

    trade_id: int
    pair: str
    is_short: bool
    enter_tag: str | None
    stake_amount: float
    leverage: float | None
    is_open: bool = True

    def told(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {name: getattr(self, name) for name in self.__struct_fields__}


class FreqtradeServer(Receiver):
    """One bot. `placing` is how many seconds an order takes; `pairs` are those it knows."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        username: str = "trader",
        password: str = "pass-CANARY-word",  # noqa: S107  # of a simulated bot
        placing: float = 0.0,
    ) -> None:
        super().__init__(clock=clock)
        self.username, self.password, self.placing = username, password, placing
        self.force_entry_enable, self.state, self.dry_run = True, "running", True
        self.max_open_trades = 3
        self.pairs = {"BTC/USDT", "ETH/USDT", "SOL/USDT", "BTC/USDT:USDT"}
        self.trades: list[Trade] = []
        self.declines = False
        """Whether entries are declined in the way of a strategy: 200 with a status."""
        self._tokens: dict[str, int] = {}
        self._numbers, self._ids = count(1), count(1)
        self._entering = 0

    def expire_tokens(self) -> None:
        """Let every access token run out now."""
        self._tokens = {name: at if name.startswith("refresh") else 0 for name, at in self._tokens.items()}

    def forget_tokens(self) -> None:
        """Forget every token, as a restart with a new secret does."""
        self._tokens.clear()

    async def answer(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """Answer a call of the API."""
        path = request.path.removeprefix("/api/v1")
        if (request.method, path) == ("POST", "/token/login"):
            return self._login(request)
        prefix = "refresh" if path == "/token/refresh" else "access"
        if not self._is_known(request, prefix):
            return _json({"detail": "Could not validate credentials"}, 401)
        if path == "/token/refresh":
            return _json({"access_token": self._token("access", ACCESS_LIFE)})
        routes: dict[tuple[str, str], Callable[[bytes], Awaitable[web.Response]]] = {
            ("GET", "/show_config"): self._show_config,
            ("GET", "/status"): self._status,
            ("POST", "/forceenter"): self._enter,
            ("POST", "/forceexit"): self._exit,
        }
        route = routes.get((request.method, path))
        return _json({"detail": "Not Found"}, 404) if route is None else await route(body)

    # --- tokens -------------------------------------------------------------------------------------------

    def _login(self, request: web.Request) -> web.Response:
        expected = f"{self.username}:{self.password}"
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        try:
            is_right = scheme == "Basic" and base64.b64decode(given, validate=True).decode() == expected
        except (binascii.Error, UnicodeDecodeError):
            is_right = False
        if not is_right:
            self.violations["bad_login"] += 1
            return _json({"detail": "Unauthorized"}, 401)
        tokens = {
            "access_token": self._token("access", ACCESS_LIFE),
            "refresh_token": self._token("refresh", REFRESH_LIFE),
        }
        return _json(tokens)

    def _token(self, kind: str, life: int) -> str:
        token = f"{kind}-CANARY-{next(self._numbers)}"
        self._tokens[token] = self.clock.now() + life * 10**9
        return token

    def _is_known(self, request: web.Request, kind: str) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        until = self._tokens.get(token)
        if scheme != "Bearer" or until is None or not token.startswith(kind):
            self.violations["no_token"] += 1
            return False
        if self.clock.now() >= until:
            self.violations["expired_token"] += 1
            return False
        return True

    # --- calls --------------------------------------------------------------------------------------------

    async def _show_config(self, _body: bytes) -> web.Response:
        return _json(
            {
                "force_entry_enable": self.force_entry_enable,
                "state": self.state,
                "dry_run": self.dry_run,
                "max_open_trades": self.max_open_trades,
                "trading_mode": "spot",
                "short_allowed": False,
            }
        )

    async def _status(self, _body: bytes) -> web.Response:
        return _json([trade.told() for trade in self.trades if trade.is_open])

    async def _enter(self, body: bytes) -> web.Response:
        asked = _read(body, _ENTRY)
        if asked is None or asked.get("side") not in ("long", "short") or "pair" not in asked:
            self.violations["bad_body"] += 1
            return _json({"detail": [{"msg": "value is not valid"}]}, 422)
        if self._entering:
            self.violations["parallel_entry"] += 1
        self._entering += 1
        try:
            await self.clock.sleep(self.placing)
            return self._opened(asked)
        finally:
            self._entering -= 1

    def _opened(self, asked: dict[str, Any]) -> web.Response:
        problem = self._problem(asked)
        if problem:
            return _json({"error": f"Error querying /api/v1/forceenter: {problem}"}, 502)
        if self.declines:
            return _json({"status": f"Error entering {asked['side']} trade for pair {asked['pair']}."})
        if any(trade.enter_tag == asked.get("entry_tag") for trade in self.trades):
            self.violations["repeated_tag"] += 1
        trade = Trade(
            trade_id=next(self._ids),
            pair=asked["pair"],
            is_short=asked["side"] == "short",
            enter_tag=asked.get("entry_tag"),
            stake_amount=float(asked.get("stakeamount") or 100.0),
            leverage=asked.get("leverage"),
        )
        self.trades.append(trade)
        return _json(trade.told())

    def _problem(self, asked: dict[str, Any]) -> str:
        open_trades = [trade for trade in self.trades if trade.is_open]
        if not self.force_entry_enable:
            self.violations["not_enabled"] += 1
            return "Force_entry not enabled."
        if self.state != "running":
            return "trader is not running"
        if asked["pair"] not in self.pairs:
            return "Symbol does not exist or market is not active."
        if any(trade.pair == asked["pair"] for trade in open_trades):
            return f"position for {asked['pair']} already open - id: {open_trades[0].trade_id}"
        if len(open_trades) >= self.max_open_trades:
            return "Maximum number of trades is reached."
        return ""

    async def _exit(self, body: bytes) -> web.Response:
        asked = _read(body, _EXIT)
        if asked is None or "tradeid" not in asked:
            self.violations["bad_body"] += 1
            return _json({"detail": [{"msg": "value is not valid"}]}, 422)
        for trade in self.trades:
            if trade.is_open and str(trade.trade_id) == str(asked["tradeid"]):
                trade.is_open = False
                return _json({"result": f"Created exit order for trade {trade.trade_id}."})
        return _json({"error": "Error querying /api/v1/forceexit: invalid argument"}, 502)


def _read(body: bytes, known: set[str]) -> dict[str, Any] | None:
    """Return a JSON object of known fields, None if it is none."""
    try:
        document = json.loads(body)
    except ValueError:
        return None
    return document if isinstance(document, dict) and set(document) <= known else None


def _json(document: object, status: int = 200) -> web.Response:
    return web.json_response(document, status=status)
