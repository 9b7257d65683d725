"""Every table, as SQLAlchemy Core metadata; the migrations make the same ones.

Instants are BIGINT ns UTC, exact and alike in both databases; the views `readable_bars` and
`readable_coverage` show them as times. Prices and volumes are double precision.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

bars = Table(
    "bars",
    metadata,
    Column("venue", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("timeframe", Text, nullable=False),
    Column("open_at", BigInteger, nullable=False),
    Column("close_at", BigInteger, nullable=False),
    Column("open", Double, nullable=False),
    Column("high", Double, nullable=False),
    Column("low", Double, nullable=False),
    Column("close", Double, nullable=False),
    Column("volume", Double, nullable=False),
    Column("quote_volume", Double, nullable=False),
    Column("buy_volume", Double, nullable=False),
    Column("trades", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("venue", "symbol", "timeframe", "open_at"),
    Index(None, "timeframe", "open_at"),  # retention asks by age, whatever the symbol
    sqlite_with_rowid=False,  # the primary key is the order of reading
    postgresql_partition_by="HASH (symbol)",
)

coverage = Table(
    "coverage",
    metadata,
    Column("venue", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("from_at", BigInteger, nullable=False),
    Column("until_at", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    PrimaryKeyConstraint("venue", "symbol", "from_at"),
    CheckConstraint("from_at < until_at", name="has_length"),
    Index(None, "until_at"),
    sqlite_with_rowid=False,
)

instruments = Table(
    "instruments",
    metadata,
    Column("venue", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("venue_symbol", Text, nullable=False),
    Column("base", Text, nullable=False),
    Column("quote", Text, nullable=False),
    Column("tick_size", Double),
    Column("active", Boolean, nullable=False),
    Column("refreshed_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("venue", "symbol"),
)

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    UniqueConstraint("name"),
)

login_codes = Table(
    "login_codes",
    metadata,
    Column("code_hash", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index(None, "user_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("secret_hash", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    UniqueConstraint("secret_hash"),
    Index(None, "user_id"),
)
