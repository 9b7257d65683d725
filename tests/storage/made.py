"""Alerts, standings and firings made for tests of the alert store, all alike but for what a test is about."""

from msgspec.structs import replace
from sqlalchemy import insert, text

from crypto_portfolio_analyzer.core.alerts import (
    Alert,
    AlertState,
    Batch,
    Decision,
    Evidence,
    Firing,
    Leaf,
    Operand,
    Standing,
    firing_id,
)
from crypto_portfolio_analyzer.core.notices.notification import Channel
from crypto_portfolio_analyzer.storage.delivery_rows import channel_values
from crypto_portfolio_analyzer.storage.delivery_tables import channels
from crypto_portfolio_analyzer.storage.sealing import Sealing

KEY = "q3n0Wz7x9sXH5N2d8mYg2i6hHq2cVbJp4oV1kRt0uLw="
SEALING = Sealing([KEY])
NOW = 1_751_500_800 * 10**9
EVIDENCE = Evidence(
    "price crosses above 65,000",
    (
        Leaf(
            "price crosses above 65000",
            True,
            Operand("price", 65_000.1, 64_999.0),
            Operand("65000", 65_000.0),
        ),
    ),
    {"price": 65_000.1},
    {"price": 64_999.0},
    "binance",
    trade_id=77,
)


def alert(name="high", owner="ada", **changes):
    changes = {"id": f"{owner}-{name}", "symbols": ("BTC/USDT",), "condition": "price > 65000"} | changes
    return Alert(number=0, owner=owner, name=name, **changes)


def standing(of, epoch=1, **changes):
    values = {"symbol": of.symbols[0], "revision": of.revision, "state": AlertState.ARMED, "epoch": epoch}
    return Standing(alert_id=of.id, **values | changes)


def firing(of, epoch=1, **changes):
    symbol, key = changes.get("symbol", of.symbols[0]), str(epoch)
    values = {
        "id": firing_id(of.id, of.revision, symbol, key),
        "revision": of.revision,
        "symbol": symbol,
        "price": 65_000.1,
        "event_at": NOW + epoch,
        "received_at": NOW + epoch + 1,
        "detected_at": NOW + epoch + 2,
        "evidence": EVIDENCE,
    }
    return Firing(alert_id=of.id, key=key, **values | changes)


def decision(of, epoch=1, **changes):
    """Return what the firing of an epoch changes: the next epoch begins."""
    made = firing(of, epoch, **changes)
    return Decision(standing=standing(of, epoch + 1, symbol=made.symbol), firing=made)


def fires(*alerts, epoch=1):
    return Batch(decisions=[decision(each, epoch) for each in alerts])


def channel(name="phone", owner="ada", **changes):
    made = Channel(
        id=f"{owner}-{name}",
        owner=owner,
        type="webhook",
        name=name,
        options={"url": "https://127.0.0.1/hook", "secret": "canary"},
        verified_at=NOW,
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(made, **changes)


async def add_channel(database, name, owner="ada", **changes):
    """Store a channel as the channel store does, sealed with SEALING."""
    made = channel(name, owner, **changes)
    async with database.writing() as connection:
        await connection.execute(insert(channels).values(channel_values(made, SEALING)))
    return made


async def rows(database, statement):
    """Return the rows of a statement as tuples."""
    async with database.reading() as connection:
        return [tuple(row) for row in await connection.execute(text(statement))]
