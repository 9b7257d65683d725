"""The alerts a fresh demo begins with: one of each common kind, one of them sure to fire within half a minute."""

from collections.abc import Mapping
from typing import Any

from crypto_portfolio_analyzer.app import App
from crypto_portfolio_analyzer.core.alerts import Alert
from crypto_portfolio_analyzer.engine.drafts import draft_of
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN

TAG = "demo"

EXAMPLES: tuple[Mapping[str, Any], ...] = (
    {
        "name": "BTC moves",
        "symbol": "BTC/USDT",
        "condition": "price moves by 0.01% in 10s",
        "trigger": "once_per_minute",
        "cooldown": "0s",
        "message": "a hundredth of a percent in ten seconds: a market that lives",
    },
    {
        "name": "ETH crosses 3100",
        "symbol": "ETH/USDT",
        "condition": "price crosses 3100",
        "trigger": "every_time",
        "rearm": {"percent": 0.05},
        "severity": "warning",
    },
    {
        "name": "SOL overbought or oversold",
        "symbol": "SOL/USDT",
        "condition": "rsi(14) outside 30..70",
        "trigger": "every_time",
    },
    {
        "name": "XRP volume spike",
        "symbol": "XRP/USDT",
        "condition": "volume > 1.5 * sma(volume, 20)",
        "trigger": "once_per_bar_close",
    },
    {
        "name": "BNB averages cross",
        "symbol": "BNB/USDT",
        "condition": "ema(5) crosses ema(20)",
        "trigger": "every_time",
    },
    {
        "name": "BTC daily crash",
        "symbol": "BTC/USDT",
        "condition": "change_percent_24h < -10%",
        "severity": "critical",
        "message": "paused: resume it to have it watched",
        "enabled": False,
    },
)
"""Levels lie where the simulated prices begin."""


async def add_examples(app: App) -> list[Alert]:
    """Make the local admin the examples, unless there are alerts already; return what was made."""
    if await app.alert_store.of_owner(LOCAL_ADMIN, limit=1):
        return []
    now = app.clock.now()
    drafts = [draft_of({**fields, "tags": [TAG]}, now=now) for fields in EXAMPLES]
    return await app.alerts.create(LOCAL_ADMIN, drafts, actor=LOCAL_ADMIN)
