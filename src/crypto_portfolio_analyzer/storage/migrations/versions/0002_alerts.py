"""Alerts, what became of them, and who is to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = (
    "owners", "alerts", "alert_revisions", "standings", "firings", "suppressed", "silences", "watchlists",
    "channels", "deliveries", "audit", "evaluation_cursors", "idempotency_keys",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables of the alert store."""
    _create_alerts()
    _create_standings()
    _create_firings()
    _create_wishes()
    _create_deliveries()
    _create_records()


def downgrade() -> None:
    """Drop them."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_alerts() -> None:
    op.create_table(
        "owners",
        *_texts("owner"),
        *_integers("seq"),
        sa.PrimaryKeyConstraint("owner", name="pk_owners"),
    )
    op.create_table(
        "alerts",
        sa.Column("number", sa.Integer, sa.Identity(), nullable=False),
        *_texts("id", "owner", "name", "symbols", "condition", "timeframe", "trigger"),
        *_integers("cooldown"),
        sa.Column("rearm", sa.Text),
        sa.Column("fresh", sa.Boolean, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("max_triggers", sa.BigInteger),
        *_texts("severity", "message", "channels", "tags"),
        sa.Column("watchlist", sa.Text),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        *_integers("created_at", "updated_at"),
        *_texts("source"),
        sa.Column("deleted_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("number", name="pk_alerts"),
        sa.UniqueConstraint("id", name="uq_alerts_id"),
        sqlite_autoincrement=True,
    )
    living = sa.text("deleted_at is null")
    op.create_index(
        "uq_alerts_living_name",
        "alerts",
        ["owner", "name"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )
    op.create_index("ix_alerts_owner_number", "alerts", ["owner", "number"])
    op.create_table(
        "alert_revisions",
        *_texts("alert_id"),
        sa.Column("revision", sa.Integer, nullable=False),
        *_texts("definition"),
        sa.PrimaryKeyConstraint("alert_id", "revision", name="pk_alert_revisions"),
        _refers("alert_revisions", "alert_id", "alerts"),
    )


def _create_standings() -> None:
    op.create_table(
        "standings",
        *_texts("alert_id", "symbol"),
        sa.Column("revision", sa.Integer, nullable=False),
        *_texts("state", "reason"),
        *_integers("epoch", "fired", "since"),
        *(sa.Column(name, sa.BigInteger) for name in ("last_fired_at", "cooldown_until", "key")),
        *_integers("suppressed"),
        sa.Column("memory", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "symbol", name="pk_standings"),
        _refers("standings", "alert_id", "alerts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "evaluation_cursors",
        *_texts("symbol", "venue"),
        *_integers("event_at"),
        sa.Column("trade_id", sa.BigInteger),
        sa.Column("price", sa.Double),
        sa.PrimaryKeyConstraint("symbol", "venue", name="pk_evaluation_cursors"),
        sqlite_with_rowid=False,
    )


def _create_firings() -> None:
    op.create_table(
        "firings",
        *_texts("id", "owner"),
        *_integers("seq"),
        *_texts("alert_id"),
        sa.Column("revision", sa.Integer, nullable=False),
        *_texts("symbol", "key"),
        sa.Column("price", sa.Double),
        *_integers("event_at", "received_at", "detected_at", "stored_at"),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in ("late", "approximated")),
        *_texts("cause", "evidence"),
        sa.PrimaryKeyConstraint("id", name="pk_firings"),
        sa.UniqueConstraint("owner", "seq", name="uq_firings_owner_seq"),
        _refers("firings", "alert_id", "alerts"),
    )
    op.create_index("ix_firings_alert_id_seq", "firings", ["alert_id", "seq"])
    op.create_index("ix_firings_owner_event_at", "firings", ["owner", "event_at"])
    op.create_table(
        "suppressed",
        *_texts("alert_id"),
        *_integers("event_at"),
        *_texts("symbol", "reason"),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("price", sa.Double),
        sa.PrimaryKeyConstraint("alert_id", "event_at", "symbol", "reason", name="pk_suppressed"),
        _refers("suppressed", "alert_id", "alerts"),
        sqlite_with_rowid=False,
    )


def _create_wishes() -> None:
    op.create_table(
        "silences",
        *_texts("id", "owner", "matchers"),
        *_integers("starts_at", "ends_at"),
        *_texts("comment"),
        *_integers("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_silences"),
    )
    op.create_index("ix_silences_owner_ends_at", "silences", ["owner", "ends_at"])
    op.create_table(
        "watchlists",
        *_texts("owner", "name", "symbols"),
        *_integers("updated_at"),
        sa.PrimaryKeyConstraint("owner", "name", name="pk_watchlists"),
    )


def _create_deliveries() -> None:
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


def _create_records() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), nullable=False),
        *_integers("at"),
        *_texts("actor", "action", "subject", "details"),
        *(sa.Column(name, sa.Text) for name in ("prev", "hash")),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_subject", "audit", ["subject"])
    op.create_table(
        "idempotency_keys",
        *_texts("owner", "key", "request_hash", "answer"),
        *_integers("at"),
        sa.PrimaryKeyConstraint("owner", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_at", "idempotency_keys", ["at"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _integers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")
