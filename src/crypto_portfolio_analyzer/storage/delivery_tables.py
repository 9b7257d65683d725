"""The tables of delivery: channels, the outbox and its log, linked persons, addresses that take signals in.

Same conventions as `tables`, same metadata. The partial indexes are what the outbox asks by: their conditions stand
word for word in its queries, since SQLite recognises nothing else.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from crypto_portfolio_analyzer.storage.tables import metadata

IS_WAITING = "state in ('queued', 'retry_wait')"
IS_AHEAD = "state in ('sending', 'retry_wait')"
"""What others of its channel may have to wait for."""
IS_KNOWN_THERE = "reference <> ''"
"""What the other end has a name for."""

_SERIAL = BigInteger().with_variant(Integer, "sqlite")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


channels = Table(
    "channels",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("sealed", Text, nullable=False),  # the options; empty once the channel is removed
    Column("ttl", BigInteger),
    Column("verified_at", BigInteger),
    Column("disabled_reason", Text, nullable=False),
    Column("failing_since", BigInteger),
    Column("failures", Integer, nullable=False),
    Column("paused_until", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),
    Index("uq_channels_living_name", "owner", "name", unique=True, **_where("deleted_at is null")),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("number", _SERIAL, Identity(), primary_key=True),
    Column("id", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("firing_id", Text, ForeignKey("firings.id")),
    Column("channel_id", Text, ForeignKey("channels.id"), nullable=False),
    Column("content", Text),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("claim", Text),
    Column("claimed_until", BigInteger),
    Column("called_off", Text),  # why it is to be cancelled, not tried again: asked while it was being sent
    Column("first_attempt_at", BigInteger),
    Column("settled_at", BigInteger),
    Column("unsure", Boolean, nullable=False),
    Column("reference", Text, nullable=False),
    Column("answer", Text, nullable=False),
    UniqueConstraint("id"),
    UniqueConstraint("firing_id", "channel_id"),
    Index(None, "owner", "number"),
    Index(None, "channel_id", "number"),
    Index("ix_deliveries_waiting", "channel_id", "number", **_where(IS_WAITING)),
    Index("ix_deliveries_due", "channel_id", "due_at", **_where(IS_WAITING)),
    Index("ix_deliveries_ahead", "channel_id", "number", **_where(IS_AHEAD)),
    Index("ix_deliveries_reference", "channel_id", "reference", **_where(IS_KNOWN_THERE)),
    sqlite_autoincrement=True,  # a number is never given twice
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", _SERIAL, Identity(), primary_key=True),
    Column("delivery_id", Text, ForeignKey("deliveries.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("took", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("status", Integer),
    Column("error", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "delivery_id"),
    Index(None, "at"),
    sqlite_autoincrement=True,
)

link_codes = Table(
    "link_codes",
    metadata,
    Column("code_hash", Text, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index(None, "expires_at"),
)

links = Table(
    "links",
    metadata,
    Column("platform", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("platform", "person"),
    Index(None, "owner"),
)

hooks = Table(
    "hooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("channels", Text, nullable=False),
    Column("token_hash", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("token_hash"),
    UniqueConstraint("owner", "name"),
)

inbound = Table(
    "inbound",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hook_id", Text, ForeignKey("hooks.id", ondelete="CASCADE"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("content", Text, nullable=False),
    Index(None, "hook_id", "at"),
    Index(None, "at"),
)
