"""Channels with sealed options, the outbox with its log, linked persons, addresses that take signals in.

No version before this one wrote a channel or a delivery: their tables are made anew.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = ("channels", "deliveries", "attempts", "link_codes", "links", "hooks", "inbound")
WAITING = "state in ('queued', 'retry_wait')"
AHEAD = "state in ('sending', 'retry_wait')"
KNOWN_THERE = "reference <> ''"
_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables of delivery; let a firing know how many it is told to, and who has seen it."""
    op.drop_table("deliveries")
    op.drop_table("channels")
    op.add_column("firings", sa.Column("told_to", sa.Integer, nullable=False, server_default="0"))
    op.add_column("firings", sa.Column("seen_at", sa.BigInteger))
    op.add_column("firings", sa.Column("seen_by", sa.Text))
    _create_channels()
    _create_deliveries()
    _create_attempts()
    _create_links()
    _create_hooks()


def downgrade() -> None:
    """Drop them; make the former ones."""
    for table in reversed(TABLES):
        op.drop_table(table)
    for column in ("seen_by", "seen_at", "told_to"):
        op.drop_column("firings", column)
    _create_former()


def _create_channels() -> None:
    op.create_table(
        "channels",
        *_texts("id", "owner", "type", "name"),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in ("enabled", "is_default")),
        *_texts("sealed"),
        *(sa.Column(name, sa.BigInteger) for name in ("ttl", "verified_at")),
        *_texts("disabled_reason"),
        sa.Column("failing_since", sa.BigInteger),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("paused_until", sa.BigInteger),
        *_integers("created_at", "updated_at"),
        sa.Column("deleted_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_channels"),
    )
    _index("uq_channels_living_name", "channels", ["owner", "name"], "deleted_at is null", unique=True)


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("number", _SERIAL, sa.Identity(), nullable=False),
        *_texts("id", "owner", "kind"),
        sa.Column("firing_id", sa.Text),
        *_texts("channel_id"),
        sa.Column("content", sa.Text),
        *_texts("state", "reason"),
        *_integers("due_at"),
        sa.Column("attempts", sa.Integer, nullable=False),
        *_integers("created_at"),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("claim", sa.Text),
        sa.Column("claimed_until", sa.BigInteger),
        sa.Column("called_off", sa.Text),
        *(sa.Column(name, sa.BigInteger) for name in ("first_attempt_at", "settled_at")),
        sa.Column("unsure", sa.Boolean, nullable=False),
        *_texts("reference", "answer"),
        sa.PrimaryKeyConstraint("number", name="pk_deliveries"),
        sa.UniqueConstraint("id", name="uq_deliveries_id"),
        sa.UniqueConstraint("firing_id", "channel_id", name="uq_deliveries_firing_id_channel_id"),
        _refers("deliveries", "firing_id", "firings"),
        _refers("deliveries", "channel_id", "channels"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deliveries_owner_number", "deliveries", ["owner", "number"])
    op.create_index("ix_deliveries_channel_id_number", "deliveries", ["channel_id", "number"])
    _index("ix_deliveries_waiting", "deliveries", ["channel_id", "number"], WAITING)
    _index("ix_deliveries_due", "deliveries", ["channel_id", "due_at"], WAITING)
    _index("ix_deliveries_ahead", "deliveries", ["channel_id", "number"], AHEAD)
    _index("ix_deliveries_reference", "deliveries", ["channel_id", "reference"], KNOWN_THERE)


def _create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", _SERIAL, sa.Identity(), nullable=False),
        *_texts("delivery_id"),
        sa.Column("number", sa.Integer, nullable=False),
        *_integers("at", "took"),
        *_texts("outcome"),
        sa.Column("status", sa.Integer),
        *_texts("error", "detail"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        _refers("attempts", "delivery_id", "deliveries"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attempts_delivery_id", "attempts", ["delivery_id"])
    op.create_index("ix_attempts_at", "attempts", ["at"])


def _create_links() -> None:
    op.create_table(
        "link_codes",
        *_texts("code_hash", "platform", "owner"),
        *_integers("expires_at"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_link_codes"),
    )
    op.create_index("ix_link_codes_expires_at", "link_codes", ["expires_at"])
    op.create_table(
        "links",
        *_texts("platform", "person", "owner", "name"),
        *_integers("created_at"),
        sa.PrimaryKeyConstraint("platform", "person", name="pk_links"),
    )
    op.create_index("ix_links_owner", "links", ["owner"])


def _create_hooks() -> None:
    op.create_table(
        "hooks",
        *_texts("id", "owner", "name", "channels", "token_hash"),
        *_integers("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_hooks"),
        sa.UniqueConstraint("token_hash", name="uq_hooks_token_hash"),
        sa.UniqueConstraint("owner", "name", name="uq_hooks_owner_name"),
    )
    op.create_table(
        "inbound",
        *_texts("id", "hook_id"),
        *_integers("at"),
        *_texts("digest", "content"),
        sa.PrimaryKeyConstraint("id", name="pk_inbound"),
        _refers("inbound", "hook_id", "hooks", ondelete="CASCADE"),
    )
    op.create_index("ix_inbound_hook_id_at", "inbound", ["hook_id", "at"])
    op.create_index("ix_inbound_at", "inbound", ["at"])


def _create_former() -> None:
    op.create_table(
        "channels",
        *_texts("id", "owner", "type", "name"),
        sa.Column("enabled", sa.Boolean, nullable=False),
        *_texts("options"),
        *_integers("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_channels"),
        sa.UniqueConstraint("owner", "name", name="uq_channels_owner_name"),
    )
    op.create_table(
        "deliveries",
        *_texts("id", "firing_id", "channel_id", "state"),
        *_integers("due_at"),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("firing_id", "channel_id", name="uq_deliveries_firing_id_channel_id"),
        _refers("deliveries", "firing_id", "firings"),
        _refers("deliveries", "channel_id", "channels"),
    )
    op.create_index("ix_deliveries_state_due_at", "deliveries", ["state", "due_at"])


def _index(name: str, table: str, columns: Sequence[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(
        name, table, list(columns), unique=unique, sqlite_where=condition, postgresql_where=condition
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _integers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


def _refers(table: str, column: str, other: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{other}"
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)
