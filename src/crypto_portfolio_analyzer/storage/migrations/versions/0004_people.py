"""Roles by their names, the second factor, API tokens, what people prefer, what they hold."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables; whoever was not an administrator could change what was theirs, and still can."""
    op.execute("update users set role = 'trader' where role = 'viewer'")
    op.add_column("users", sa.Column("totp_sealed", sa.Text))
    op.add_column("users", sa.Column("totp_confirmed_at", sa.BigInteger))
    op.add_column("users", sa.Column("totp_step", sa.BigInteger))
    op.add_column("users", sa.Column("preferences", sa.Text, nullable=False, server_default="{}"))
    op.add_column("sessions", sa.Column("agent", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("used_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("hash", name="uq_api_tokens_hash"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_api_tokens_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_api_tokens_user_id", "api_tokens", ["user_id"])
    op.create_table(
        "holdings",
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("symbol", sa.Text, nullable=False),
        sa.Column("quantity", sa.Text, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("owner", "symbol", name="pk_holdings"),
    )
    _add_index("ix_audit_chained", ["seq"], "hash is not null")
    _add_index("ix_audit_people", ["actor", "seq"], "actor <> 'engine'")


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_audit_people", "audit")
    op.drop_index("ix_audit_chained", "audit")
    op.drop_table("holdings")
    op.drop_table("api_tokens")
    op.drop_column("sessions", "agent")
    for column in ("preferences", "totp_step", "totp_confirmed_at", "totp_sealed"):
        op.drop_column("users", column)
    op.execute("update users set role = 'viewer' where role <> 'admin'")


def _add_index(name: str, columns: list[str], where: str) -> None:
    """Index the audit entries of people only: those of the engine are many, and pay for nothing."""
    condition = sa.text(where)
    op.create_index(name, "audit", columns, sqlite_where=condition, postgresql_where=condition)
