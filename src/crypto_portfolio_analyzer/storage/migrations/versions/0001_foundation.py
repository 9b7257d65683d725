"""Bars, coverage, instruments, and who may log in."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BAR_PARTITIONS = 16


def upgrade() -> None:
    """Make the first tables."""
    _create_bars()
    _create_coverage()
    _create_instruments()
    _create_accounts()


def downgrade() -> None:
    """Drop everything."""
    op.execute("drop view readable_coverage")
    op.execute("drop view readable_bars")
    for table in ("sessions", "login_codes", "users", "instruments", "coverage", "bars"):
        op.drop_table(table)


def _create_bars() -> None:
    op.create_table(
        "bars",
        sa.Column("venue", sa.Text, nullable=False),
        sa.Column("symbol", sa.Text, nullable=False),
        sa.Column("timeframe", sa.Text, nullable=False),
        sa.Column("open_at", sa.BigInteger, nullable=False),
        sa.Column("close_at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("open", "high", "low", "close", "volume")),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("quote_volume", "buy_volume")),
        sa.Column("trades", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("venue", "symbol", "timeframe", "open_at", name="pk_bars"),
        sqlite_with_rowid=False,
        postgresql_partition_by="HASH (symbol)",
    )
    if op.get_bind().dialect.name == "postgresql":
        for number in range(BAR_PARTITIONS):
            values = f"with (modulus {BAR_PARTITIONS}, remainder {number})"
            op.execute(f"create table bars_{number:02} partition of bars for values {values}")
    op.create_index("ix_bars_timeframe_open_at", "bars", ["timeframe", "open_at"])
    columns = "open, high, low, close, volume, quote_volume, buy_volume, trades, kind"
    times = f"{_time('open_at')}, {_time('close_at')}, {_time('received_at')}"
    view = f"create view readable_bars as select venue, symbol, timeframe, {times}, {columns} from bars"  # noqa: S608  # own names
    op.execute(view)


def _create_coverage() -> None:
    op.create_table(
        "coverage",
        sa.Column("venue", sa.Text, nullable=False),
        sa.Column("symbol", sa.Text, nullable=False),
        sa.Column("from_at", sa.BigInteger, nullable=False),
        sa.Column("until_at", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("venue", "symbol", "from_at", name="pk_coverage"),
        sa.CheckConstraint("from_at < until_at", name=op.f("ck_coverage_has_length")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_coverage_until_at", "coverage", ["until_at"])
    times = f"{_time('from_at')}, {_time('until_at')}"
    view = f"create view readable_coverage as select venue, symbol, {times}, status from coverage"  # noqa: S608  # own names
    op.execute(view)


def _create_instruments() -> None:
    texts = ("venue", "symbol", "venue_symbol", "base", "quote")
    op.create_table(
        "instruments",
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        sa.Column("tick_size", sa.Double),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("refreshed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("venue", "symbol", name="pk_instruments"),
    )


def _create_accounts() -> None:
    op.create_table(
        "users",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("id", "name", "role")),
        sa.Column("password_hash", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("disabled_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
    )
    op.create_table(
        "login_codes",
        sa.Column("code_hash", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("code_hash", name="pk_login_codes"),
        _of_a_user("login_codes"),
    )
    op.create_index("ix_login_codes_user_id", "login_codes", ["user_id"])
    op.create_table(
        "sessions",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("id", "user_id", "secret_hash")),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("secret_hash", name="uq_sessions_secret_hash"),
        _of_a_user("sessions"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])


def _of_a_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], ondelete="CASCADE", name=f"fk_{table}_user_id_users"
    )


def _time(column: str) -> str:
    """Return SQL that shows an instant as a time, to the µs or ms."""
    if op.get_bind().dialect.name == "postgresql":
        return f"to_timestamp({column} / 1e9) as {column}"
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', {column} / 1e9, 'unixepoch') as {column}"
