"""A small server of alerts in memory, for commands that talk to one: it keeps, tells, refuses on demand."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from crypto_portfolio_analyzer.api.serverfile import SERVER_FILE, write_server_file
from crypto_portfolio_analyzer.cli.client import Client
from crypto_portfolio_analyzer.cli.output import Output
from crypto_portfolio_analyzer.settings import Settings, load

FIRING = {
    "id": "f0f0f0f0f0", "alert_id": "1", "alert_name": "a", "symbol": "BTC/USDT", "price": "65012.4",
    "event_at": "2026-11-20T12:00:00.000Z", "late": True, "approximated": False, "simulated": True,
}  # fmt: skip
LEAF = {"text": "price > 1", "holds": True, "value": 2.0, "need": 1.0, "distance": 1.0, "missing": ""}


def view(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Return an alert as a server tells it."""
    told = {
        "id": f"{number}aaaaaaa", "name": f"alert {number}", "symbols": ["BTC/USDT"], "watchlist": None,
        "condition": "price > 1", "timeframe": "1m", "trigger": "once", "cooldown_seconds": 60.0, "rearm": None,
        "fresh": False, "expires_at": None, "max_triggers": None, "severity": "info", "message": "",
        "channels": [], "tags": [], "enabled": True, "state": "armed", "reason": "armed", "revision": 1,
        "sentence": {"en": "BTC/USDT: the price is above 1", "de": "BTC/USDT: der Preis liegt über 1"},
        "fired_30d": 0, "last_fired_at": None, "nearest_percent": None, "source": "yaml",
    }  # fmt: skip
    symbol = {"symbols": [fields.pop("symbol")]} if "symbol" in fields else {}
    return told | symbol | fields


class Shelf:
    """Alerts by id; names in `refused` are refused with 422."""

    def __init__(self) -> None:
        self.alerts: dict[str, dict[str, Any]] = {}
        self.removed: dict[str, dict[str, Any]] = {}
        self.refused: set[str] = set()
        self.asked: list[tuple[str, str, Any]] = []
        self.settings: Settings
        self.client: Client
        self._numbers = count(1)

    def put(self, **fields: Any) -> dict[str, Any]:
        """Keep an alert."""
        alert = view(next(self._numbers), **fields)
        self.alerts[alert["id"]] = alert
        return alert

    async def answer(self, request: web.Request) -> web.Response:
        """Answer any request."""
        body = await request.json() if request.can_read_body else None
        self.asked.append((request.method, request.path, body))
        if isinstance(body, dict) and body.get("name") in self.refused:
            errors = [{"path": "symbol", "problem": "is unknown", "remedy": "write BTC"}]
            return web.json_response({"detail": "refused", "errors": errors}, status=422)
        if request.path.startswith("/api/alerts"):
            return self._alerts(request, body)
        told: dict[str, Any] = {"firings": [FIRING], "next_cursor": None}
        if "silences" in request.path:
            told = {"silences": [], "id": "s1", "ends_at": "2026-11-20T14:00:00.000Z"}
        return web.Response(status=204) if request.method == "DELETE" else web.json_response(told)

    def _alerts(self, request: web.Request, body: Any) -> web.Response:
        parts = request.path.removeprefix("/api/alerts").strip("/").split("/")
        told = self._told(request, parts, body)
        if told is not None:
            return web.json_response(told)
        match request.method, parts:
            case "POST", [""]:
                source = request.query.get("source", "api")
                return web.json_response(self.put(**(body | {"source": source})), status=201)
            case "POST", [alert_id, "restore"]:
                self.alerts[alert_id] = self.removed.pop(alert_id)
            case "DELETE", [alert_id]:
                self.removed[alert_id] = self.alerts.pop(alert_id)
                return web.json_response({"id": alert_id, "restore_until": "2026-11-20T12:10:00.000Z"})
            case _, [alert_id, *_]:
                self.alerts[alert_id] |= (body or {}) | {"revision": self.alerts[alert_id]["revision"] + 1}
        return web.json_response(self.alerts[parts[0]])

    def _told(self, request: web.Request, parts: list[str], body: Any) -> dict[str, Any] | None:
        """Return the answer to a question; None if it is none."""
        match request.method, parts:
            case "GET", [""]:
                return self._page(request)
            case "POST", ["validate"]:
                return {"holds_now": True, "leaves": [LEAF], "unknown": ""}
            case "POST", ["backtest"]:
                return {"count": len(body["condition"])}
            case "GET", [alert_id, "explain"]:
                told = {
                    "sentence": "BTC/USDT: price > 1",
                    "state": "armed",
                    "reason": "armed",
                    "leaves": [LEAF],
                }
                obstacles = {"warm_up": "", "cooldown_until": None, "silenced_until": None, "suppressed": 2}
                return {"alert_id": alert_id, "explanations": [told | obstacles]}
        return None

    def _page(self, request: web.Request) -> dict[str, Any]:
        kept, start = list(self.alerts.values()), int(request.query.get("cursor", 0))
        end = start + min(int(request.query["limit"]), 2)  # small pages, so that there are several
        return {"alerts": kept[start:end], "next_cursor": str(end) if end < len(kept) else None}


@asynccontextmanager
async def shelf(folder: Path) -> AsyncIterator[Shelf]:
    """Serve a shelf as the server that runs on the data in `folder`."""
    kept, app = Shelf(), web.Application()
    app.router.add_route("*", "/{path:.*}", kept.answer)
    async with TestServer(app) as server:
        url = str(server.make_url("/")).rstrip("/")
        write_server_file(folder / SERVER_FILE, url, "key", "1")
        kept.settings, kept.client = load({"data_dir": str(folder)}), Client(url, "key")
        yield kept


class Said:
    """What a command prints."""

    def __init__(self, *, as_json: bool = False) -> None:
        self._out, self._err = io.StringIO(), io.StringIO()
        self.output = Output(as_json=as_json, stdout=self._out, stderr=self._err)

    @property
    def out(self) -> str:
        return self._out.getvalue()

    @property
    def err(self) -> str:
        return self._err.getvalue()
