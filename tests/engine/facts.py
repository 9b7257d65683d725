"""Alerts, decisions and outages that are easy to make."""

from typing import Any

import asyncpg
from sqlalchemy import make_url

from crypto_portfolio_analyzer.core.alerts import (
    Alert,
    AlertState,
    Batch,
    Cursor,
    Decision,
    Evidence,
    Firing,
    Standing,
    firing_id,
)
from crypto_portfolio_analyzer.core.judging.docket import Scope
from tests.fakes import NOON


def alert(name: str = "a", **fields: Any) -> Alert:
    """Return an alert nobody has stored."""
    values = {"symbols": ("BTC/USDT",), "condition": "price > 100", **fields}
    return Alert(id=f"id-{name}", number=0, owner="me", name=name, **values)


def standing(of: Alert, **fields: Any) -> Standing:
    """Return where an alert stands for its first symbol."""
    values = {"state": AlertState.ARMED, **fields}
    return Standing(alert_id=of.id, symbol=of.symbols[0], revision=of.revision, **values)


def decision(of: Alert, key: str = "1", **fields: Any) -> Decision:
    """Return the decision that an alert fires."""
    values = {"event_at": NOON, "received_at": NOON + 1, "detected_at": NOON + 2, "price": 101.0, **fields}
    symbol = of.symbols[0]
    fired = Firing(
        id=firing_id(of.id, of.revision, symbol, key),
        alert_id=of.id,
        revision=of.revision,
        symbol=symbol,
        key=key,
        evidence=Evidence("price > 100", (), {"price": 101.0}, {"price": 99.0}, "binance"),
        **values,
    )
    return Decision(standing=standing(of, epoch=int(key), fired=int(key)), firing=fired)


def cursor(event_at: int = NOON, **fields: Any) -> Cursor:
    """Return how far BTC/USDT was judged."""
    return Cursor("BTC/USDT", "binance", event_at, **fields)


class Judged:
    """What a judge would hand over, put in by hand."""

    def __init__(self) -> None:
        self.batch = Batch()

    def take(self, _scope=Scope.ALL) -> Batch:
        taken, self.batch = self.batch, Batch()
        return taken


class Outage:
    """A PostgreSQL server that lets nobody into one database for a while."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql")

    async def __aenter__(self) -> "Outage":
        await self._say("alter database {0} with allow_connections false")
        await self._say("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{0}'")
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._say("alter database {0} with allow_connections true")

    async def _say(self, statement: str) -> None:
        server = self._url.set(database="postgres").render_as_string(hide_password=False)
        connection = await asyncpg.connect(server)
        try:
            await connection.execute(statement.format(self._url.database))
        finally:
            await connection.close()
