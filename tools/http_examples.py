"""Records `api/examples.json`: every operation once, asked of a real server and really answered.

Secrets, addresses of this machine and its folders are replaced by made-up ones of the same form.
"""

import asyncio
import json
import re
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pyotp

from crypto_portfolio_analyzer.api.examples import FILE
from crypto_portfolio_analyzer.core.market import Bar, Instrument
from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from tests.api.house import House, open_house, until

MINUTE = 60 * 10**9
LISTED = ("BTC", "ETH", "SOL")
ALERT = {
    "name": "btc breakout",
    "symbol": "BTC/USDT",
    "condition": "price crosses above 65000",
    "timeframe": "1m",
    "trigger": "every_time",
    "severity": "warning",
    "rearm": {"percent": 0.2},
}
PUBLIC = "https://market.example.org"
SECRETS = {
    "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl",
    "refresh_token": "b2x1dGlvbi1vZi1hLXJlZnJlc2gtdG9rZW4",
    "ticket": "c2luZ2xlLXVzZS10aWNrZXQ",
    "secret": "whsec_ZXhhbXBsZS1zZWNyZXQtb2YtYS1jaGFubmVs",
    "token": "ca_ZXhhbXBsZS1vZi1hbi1hcGktdG9rZW4",
    "password": "correct horse battery staple",
    "login_url": f"{PUBLIC}/login?code=b25lLXRpbWUtY29kZQ",
    "qr": "<svg/>",
    "uri": "otpauth://totp/Crypto%20Analyzer:anna?secret=JBSWY3DPEHPK3PXP&issuer=Crypto%20Analyzer",
}
"""What is shown instead of a field that opens doors."""


class Recorder:
    """Asks, and keeps what was asked and answered first by operation."""

    def __init__(self, house: House, document: dict[str, Any]) -> None:
        self._house = house
        self.found: dict[str, Any] = {}
        self.problems: list[dict[str, Any]] = []
        self._operations = [
            (re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path) + "$"), path, method, told)
            for path, methods in document["paths"].items()
            for method, told in methods.items()
        ]
        self._operations.sort(key=lambda each: each[1].count("{"))

    def missing(self) -> list[str]:
        """Return the operations that were not recorded."""
        return [told["operationId"] for *_, told in self._operations if told["operationId"] not in self.found]

    async def ask(self, client: httpx2.AsyncClient, method: str, path: str, **options: Any) -> Any:
        """Ask once and keep it; returns the answer's JSON."""
        answer = await client.request(method, path, **options)
        kind = answer.headers.get("content-type", "")
        told = answer.json() if "json" in kind and answer.content else answer.text
        if answer.is_success:
            self._keep(method.lower(), path, options, answer.status_code, told)
        else:
            self.problems.append(self._shown(told))
        return told

    def _keep(self, method: str, path: str, options: dict[str, Any], status: int, told: Any) -> None:
        matches = ((pattern.match(path), each) for pattern, _, its, each in self._operations if its == method)
        match, operation = next((match, each) for match, each in matches if match)
        example: dict[str, Any] = {"parameters": {**match.groupdict(), **options.get("params", {})}}
        if "json" in options:
            example["request"] = options["json"]
        example |= {"status": str(status), "answer": told}
        self.found.setdefault(operation["operationId"], self._shown(example))

    def _shown(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            kept = ("openapi", "info") if "openapi" in value else value  # a whole description is no example
            return {key: self._shown(value[key], key) for key in kept}
        if isinstance(value, list):
            return [self._shown(each) for each in value[:3]]
        if isinstance(value, str):
            if name in SECRETS and value:
                return SECRETS[name]
            value = value.replace(self._house.url, PUBLIC)
            value = re.sub(r"http://127\.0\.0\.1:\d+", "https://bot.example.org", value)
            return re.sub(r"(/hooks/tradingview/)[\w-]{20,}", r"\1ZXhhbXBsZS1vZi1hLWhvb2s", value)[:2000]
        return value


async def record() -> dict[str, Any]:
    """Return the examples of every operation."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings: dict[str, Any] = {"webhooks": {"allowed_networks": "127.0.0.0/8"}}
        house = await stack.enter_async_context(open_house(folder, **settings))
        receiver = await stack.enter_async_context(WebhookReceiver())
        admin = await stack.enter_async_context(house.owner())
        anna = await stack.enter_async_context(await house.member("anna"))
        document = (await admin.get("/openapi.json")).json()
        recorder = Recorder(house, document)
        await past(house)
        await about_markets(recorder, admin)
        await about_alerts(recorder, house, admin, receiver)
        await about_editing(recorder, admin)
        await about_delivery(recorder, house, admin, receiver)
        await about_s0(recorder, admin)
        await about_people(recorder, house, admin, anna)
        for path in ("/health", "/ready", "/metrics", "/api/stats", "/status", "/api/system"):
            await recorder.ask(admin, "GET", path)
        await recorder.ask(admin, "GET", "/api/alerts/unknown")
        await recorder.ask(admin, "POST", "/api/alerts", json={"name": "typo", "condition": "prise > 1"})
    missing = recorder.missing()
    if missing:
        raise SystemExit(f"no example of {', '.join(missing)}; refused: {recorder.problems}")
    return {**dict(sorted(recorder.found.items())), "problems": recorder.problems}


async def past(house: House) -> None:
    """Let there be prices and a few hours of bars."""
    now = house.app.clock.now() // MINUTE * MINUTE
    bars = []
    for number in range(240):
        at, close = now - (240 - number) * MINUTE, 64_000.0 + 10 * (number % 37)
        prices = (close - 5, close + 8, close - 9, close)
        bars.append(
            Bar("binance", "BTC/USDT", "1m", at, at + MINUTE, *prices, 1.5, closed=True, received_at=now)
        )
    await house.app.bars.save(bars)
    listed = [Instrument("binance", f"{base}/USDT", f"{base}USDT", base, "USDT", 0.01) for base in LISTED]
    house.app.market.learn(listed)
    house.ticker("BTC/USDT", 64_100.0, bid=64_099.5, ask=64_100.5, open_24h=63_000.0, volume_24h=1234.5)
    house.ticker("ETH/USDT", 3_200.0, open_24h=3_250.0)


async def about_markets(record: Recorder, client: httpx2.AsyncClient) -> None:
    """Ask for prices, bars, series, symbols, and the portfolio."""
    await record.ask(client, "GET", "/api/market/BTCUSDT")
    await record.ask(client, "GET", "/api/market/BTCUSDT/bars", params={"timeframe": "1m", "limit": 3})
    await record.ask(
        client, "GET", "/api/market/BTCUSDT/indicators", params={"series": ["rsi(14)"], "limit": 3}
    )
    await record.ask(client, "GET", "/api/market/BTCUSDT/indicators/check", params={"series": "rsi(14)"})
    await record.ask(client, "GET", "/api/symbols", params={"limit": 3})
    await record.ask(client, "PUT", "/api/symbols/SOL/watch")
    await record.ask(client, "DELETE", "/api/symbols/SOL/watch")
    await record.ask(client, "PUT", "/api/portfolio/holdings/BTC", json={"quantity": "1.5"})
    await record.ask(client, "PUT", "/api/portfolio/holdings/ETH", json={"quantity": "10"})
    await record.ask(client, "GET", "/api/portfolio")
    await record.ask(client, "DELETE", "/api/portfolio/holdings/ETH")


async def about_alerts(
    record: Recorder, house: House, client: httpx2.AsyncClient, receiver: WebhookReceiver
) -> None:
    """Make a channel and an alert, let it fire, change it."""
    channel = {"type": "webhook", "name": "my bot", "url": receiver.hook_url, "default": True}
    made = await record.ask(client, "POST", "/api/channels", json=channel)
    receiver.secrets = [made["secret"]]
    alert = await record.ask(client, "POST", "/api/alerts", json=ALERT)
    firing = await one_firing(house, client)
    await record.ask(client, "GET", "/api/firings", params={"limit": 3})
    await record.ask(client, "GET", f"/api/firings/{firing['id']}")
    await record.ask(client, "POST", f"/api/firings/{firing['id']}/seen")
    path = f"/api/alerts/{alert['id']}"
    for below in ("", "/history", "/explain"):
        await record.ask(client, "GET", path + below)
    for below in ("/pause", "/resume", "/rearm"):
        await record.ask(client, "POST", path + below)
    await record.ask(client, "GET", "/api/alerts", params={"symbol": "BTCUSDT", "limit": 3})
    await record.ask(client, "GET", "/api/nearest")
    await record.ask(client, "GET", "/api/market/BTCUSDT/levels")
    await record.ask(client, "PUT", path, json={**ALERT, "severity": "critical"})
    await record.ask(client, "PATCH", path, json={"cooldown_seconds": 300})
    await record.ask(client, "DELETE", path)
    await record.ask(client, "POST", f"{path}/restore")


async def one_firing(house: House, client: httpx2.AsyncClient) -> dict[str, Any]:
    """Let the alert fire, and once more where its cooldown keeps that back; return the firing, told."""

    async def fired() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await client.get("/api/firings")).json()["firings"]
        return found

    house.tick("BTC/USDT", 64_990.0)
    house.tick("BTC/USDT", 65_010.0)
    [firing] = await until(fired)
    house.tick("BTC/USDT", 64_000.0)
    house.tick("BTC/USDT", 65_010.0)
    await until(lambda: delivered(client))
    return firing


async def about_editing(record: Recorder, client: httpx2.AsyncClient) -> None:
    """Look at conditions before there is an alert; then watchlists and silences."""
    asked = {"condition": "price crosses above 65000", "symbol": "BTC/USDT", "timeframe": "1m"}
    await record.ask(client, "POST", "/api/alerts/validate", json=asked)
    question = {"condition": "close crosses above 64200", "symbol": "BTC/USDT", "days": 1}
    sweep = {"from": 64_100, "to": 64_300, "steps": 3}
    await record.ask(client, "POST", "/api/alerts/backtest", json={**question, "sweep": sweep})
    await record.ask(client, "GET", "/api/alerts/series")
    await record.ask(client, "POST", "/api/alerts/complete", json={"text": "rsi(", "cursor": 4})
    await record.ask(client, "PUT", "/api/watchlists/majors", json={"symbols": ["BTC", "ETH"]})
    await record.ask(client, "GET", "/api/watchlists")
    await record.ask(client, "GET", "/api/watchlists/majors")
    await record.ask(client, "DELETE", "/api/watchlists/majors")
    silence = {"matchers": {"symbol": "BTC/USDT"}, "duration_seconds": 3600, "comment": "upgrade"}
    made = await record.ask(client, "POST", "/api/silences", json=silence)
    await record.ask(client, "GET", "/api/silences")
    await record.ask(client, "GET", f"/api/silences/{made['id']}")
    await record.ask(client, "DELETE", f"/api/silences/{made['id']}")


async def delivered(client: httpx2.AsyncClient) -> list[dict[str, Any]]:
    """Return the deliveries that are final."""
    query = {"state": ["delivered"]}
    found: list[dict[str, Any]] = (await client.get("/api/deliveries", params=query)).json()["deliveries"]
    return found


async def about_delivery(
    record: Recorder, house: House, client: httpx2.AsyncClient, receiver: WebhookReceiver
) -> None:
    """Look at deliveries, send again, change the channel, make a hook and use it."""
    await record.ask(client, "GET", "/api/deliveries", params={"limit": 3})
    [one, *_] = await delivered(client)
    await record.ask(client, "GET", f"/api/deliveries/{one['id']}")
    await record.ask(client, "POST", f"/api/deliveries/{one['id']}/redeliver", json={"anyway": True})
    await until(lambda: delivered(client))
    await record.ask(client, "POST", "/api/deliveries/redeliver", json={"ids": [one["id"]], "anyway": True})
    await record.ask(client, "GET", "/api/deliveries/law")
    [channel] = (await record.ask(client, "GET", "/api/channels"))["channels"]
    path = f"/api/channels/{channel['id']}"
    await record.ask(client, "GET", path)
    await record.ask(client, "GET", "/api/channels/types")
    preview = {"channel": "my bot", "alert": {"symbol": "BTC/USDT", "condition": "price > 65000"}}
    await record.ask(client, "POST", "/api/channels/preview", json=preview)
    await record.ask(client, "PATCH", path, json={"name": "our bot"})
    await record.ask(client, "POST", f"{path}/test")
    rotated = await record.ask(client, "POST", f"{path}/rotate")
    receiver.secrets = [rotated["secret"]]
    await record.ask(client, "GET", "/api/bots")
    await record.ask(client, "GET", "/api/bots/templates")
    await record.ask(client, "POST", "/api/bots/preview", json={**preview, "channel": "our bot"})
    await record.ask(client, "POST", "/api/channels/telegram/link")
    code = await house.app.links.new_code("admin", "telegram", house.app.clock.now())
    await house.app.links.use_code("telegram", code, "123456", "Anna", house.app.clock.now())
    await record.ask(client, "GET", "/api/channels/telegram/links")
    await record.ask(client, "DELETE", "/api/channels/telegram/links/123456")
    hook = await record.ask(client, "POST", "/api/hooks", json={"name": "tradingview"})
    await record.ask(client, "GET", "/api/hooks")
    await record.ask(client, "GET", f"/api/hooks/{hook['id']}")
    await record.ask(client, "POST", f"/hooks/tradingview/{hook['token']}", content="BTC is moving")
    taken = record.found["hooks_take"]
    taken["parameters"]["token"] = SECRETS["token"]
    await record.ask(client, "DELETE", f"/api/hooks/{hook['id']}")
    await confirmed(record, house, client, receiver)
    await record.ask(client, "DELETE", path)


async def confirmed(
    record: Recorder, house: House, client: httpx2.AsyncClient, receiver: WebhookReceiver
) -> None:
    """Confirm a channel: ask for a new code."""
    async with await house.member("berta") as berta:
        made = await berta.post(
            "/api/channels", json={"type": "webhook", "name": "hers", "url": receiver.hook_url}
        )
        await record.ask(berta, "POST", f"/api/channels/{made.json()['id']}/confirm", json={})


async def about_s0(record: Recorder, client: httpx2.AsyncClient) -> None:
    """Ask as the first design document has it."""
    one = {"symbol": "BTCUSDT", "target_price": 70_000, "description": "sell some"}
    await record.ask(client, "POST", "/gpt-alerts/price-above", params=one)
    await record.ask(client, "POST", "/gpt-alerts/price-below", params={**one, "target_price": 50_000})
    level = {"symbol": "BTCUSDT", "resistance_level": 72_000}
    await record.ask(client, "POST", "/gpt-alerts/breakout", params=level)
    body = {"symbol": "ETHUSDT", "alert_type": "price_above", "target_price": 4_000}
    made = await record.ask(client, "POST", "/gpt-alerts/create", json=body)
    for below in ("/", "/openapi.json", "/list", f"/alert/{made['alert_id']}", "/stats"):
        await record.ask(client, "GET", f"/gpt-alerts{below}")
    await record.ask(client, "DELETE", f"/gpt-alerts/delete/{made['alert_id']}")
    await record.ask(client, "POST", "/gpt-alerts/test-system")
    for below in ("/status", "/streams", "/performance", "/test-stream/BTCUSDT"):
        await record.ask(client, "GET", f"/live-alerts{below}")
    for below in ("/test-stream/BTCUSDT", "/stream/SOLUSDT/start", "/stream/SOLUSDT/stop"):
        await record.ask(client, "POST", f"/live-alerts{below}")
    for below in ("/stop-monitoring", "/start-monitoring"):
        await record.ask(client, "POST", f"/live-alerts{below}")


async def about_people(
    record: Recorder, house: House, admin: httpx2.AsyncClient, anna: httpx2.AsyncClient
) -> None:
    """Add somebody, let them in, and let them look after their own login."""
    await record.ask(admin, "POST", "/api/users", json={"name": "carla", "role": "trader"})
    await record.ask(admin, "GET", "/api/users")
    await record.ask(admin, "GET", "/api/users/carla")
    await record.ask(admin, "PATCH", "/api/users/carla", json={"role": "reader"})
    await record.ask(admin, "POST", "/api/users/carla/login-link")
    password = {"password": SECRETS["password"]}
    await record.ask(admin, "PUT", "/api/users/carla/password", json=password)
    theirs = {"name": "tax script", "scopes": ["portfolio:read"]}
    made = await record.ask(admin, "POST", "/api/users/carla/tokens", json=theirs)
    await record.ask(admin, "GET", "/api/users/carla/tokens")
    await record.ask(admin, "DELETE", f"/api/users/carla/tokens/{made['id']}")
    await record.ask(anna, "PUT", "/api/auth/password", json=password)
    async with house.client() as nobody:
        pair = await record.ask(nobody, "POST", "/api/auth/login", json={"name": "anna", **password})
        old = {"refresh_token": pair["refresh_token"]}
        pair = await record.ask(nobody, "POST", "/api/auth/refresh", json=old)
        record.found["auth_refresh"]["request"] = {"refresh_token": SECRETS["refresh_token"]}
    async with house.client(authorization=f"Bearer {pair['access_token']}") as client:
        for path in ("/me", "/preferences", "/tokens", "/sessions"):
            if path != "/tokens":
                await record.ask(client, "GET", f"/api/auth{path}")
        await record.ask(client, "PUT", "/api/auth/preferences", json={"language": "de", "theme": "dark"})
        await record.ask(client, "POST", "/api/auth/ws-ticket")
        token = {"name": "grafana", "scopes": ["market:read"], "expires_in_days": 90}
        made = await record.ask(client, "POST", "/api/auth/tokens", json=token)
        await record.ask(client, "GET", "/api/auth/tokens")
        await record.ask(client, "DELETE", f"/api/auth/tokens/{made['id']}")
        factor = await with_factor(record, client)
        ahead = pyotp.TOTP(factor["secret"]).at(int(house.app.clock.now() / 1e9) + 30)
        await record.ask(client, "DELETE", "/api/auth/totp", json={"code": ahead})
        other, _ = await house.app.accounts.open_session("anna", house.app.clock.now())
        await record.ask(client, "DELETE", f"/api/auth/sessions/{other}")
        await record.ask(client, "POST", "/api/auth/logout")
    async with await house.member("dora") as dora:
        await with_factor(record, dora)
    await record.ask(admin, "DELETE", "/api/users/dora/totp")
    await record.ask(admin, "GET", "/api/audit", params={"limit": 3})
    await record.ask(admin, "GET", "/api/audit/verify")


async def with_factor(record: Recorder, client: httpx2.AsyncClient) -> dict[str, Any]:
    """Set up and confirm a second factor; return it."""
    factor: dict[str, Any] = await record.ask(client, "POST", "/api/auth/totp")
    code = pyotp.TOTP(factor["secret"]).now()
    await record.ask(client, "POST", "/api/auth/totp/confirm", json={"code": code})
    return factor


if __name__ == "__main__":
    FILE.write_text(json.dumps(asyncio.run(record()), indent=1, ensure_ascii=False) + "\n")
