"""Every table but those of delivery, as SQLAlchemy Core metadata; the migrations make the same ones.

Instants are BIGINT ns UTC, exact and alike in both databases; the views `readable_bars` and
`readable_coverage` show them as times. Prices and volumes are double precision. Lists and structures are JSON texts.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
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
    Column("totp_sealed", Text),  # the second factor's secret; asked for once it is confirmed
    Column("totp_confirmed_at", BigInteger),
    Column("totp_step", BigInteger),  # the last one used: a code is good once
    Column("preferences", Text, nullable=False, server_default="{}"),
    UniqueConstraint("name"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("used_at", BigInteger),
    UniqueConstraint("hash"),
    Index(None, "user_id"),
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
    Column("agent", Text, nullable=False, server_default=""),  # how who logged in calls itself
    UniqueConstraint("secret_hash"),
    Index(None, "user_id"),
)

owners = Table(
    "owners",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),  # of the newest firing in the owner's feed
)

alerts = Table(
    "alerts",
    metadata,
    Column("number", Integer, Identity(), primary_key=True),
    Column("id", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("symbols", Text, nullable=False),
    Column("condition", Text, nullable=False),
    Column("timeframe", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("cooldown", BigInteger, nullable=False),
    Column("rearm", Text),
    Column("fresh", Boolean, nullable=False),
    Column("expires_at", BigInteger),
    Column("max_triggers", BigInteger),
    Column("severity", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("channels", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("watchlist", Text),
    Column("enabled", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("deleted_at", BigInteger),  # it can be restored for a while
    UniqueConstraint("id"),
    Index(
        "uq_alerts_living_name",
        "owner",
        "name",
        unique=True,
        sqlite_where=text("deleted_at is null"),
        postgresql_where=text("deleted_at is null"),
    ),
    Index(None, "owner", "number"),
    sqlite_autoincrement=True,  # a number is never given twice
)

alert_revisions = Table(
    "alert_revisions",
    metadata,
    Column("alert_id", Text, ForeignKey("alerts.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("definition", Text, nullable=False),
    PrimaryKeyConstraint("alert_id", "revision"),
)

standings = Table(
    "standings",
    metadata,
    Column("alert_id", Text, ForeignKey("alerts.id"), nullable=False),
    Column("symbol", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("fired", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("last_fired_at", BigInteger),
    Column("cooldown_until", BigInteger),
    Column("key", BigInteger),
    Column("suppressed", BigInteger, nullable=False),
    Column("memory", LargeBinary, nullable=False),
    PrimaryKeyConstraint("alert_id", "symbol"),
    sqlite_with_rowid=False,
)

firings = Table(
    "firings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("alert_id", Text, ForeignKey("alerts.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("price", Double),  # what is not a number SQLite keeps as null
    Column("event_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("detected_at", BigInteger, nullable=False),
    Column("stored_at", BigInteger, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("approximated", Boolean, nullable=False),
    Column("cause", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("told_to", Integer, nullable=False, server_default="0"),  # deliveries queued with it
    Column("seen_at", BigInteger),
    Column("seen_by", Text),
    UniqueConstraint("owner", "seq"),
    Index(None, "alert_id", "seq"),
    Index(None, "owner", "event_at"),
)

suppressed = Table(
    "suppressed",
    metadata,
    Column("alert_id", Text, ForeignKey("alerts.id"), nullable=False),
    Column("event_at", BigInteger, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("price", Double),
    PrimaryKeyConstraint("alert_id", "event_at", "symbol", "reason"),
    sqlite_with_rowid=False,
)

silences = Table(
    "silences",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("matchers", Text, nullable=False),
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("comment", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "owner", "ends_at"),
)

watchlists = Table(
    "watchlists",
    metadata,
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("symbols", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("owner", "name"),
)

holdings = Table(
    "holdings",
    metadata,
    Column("owner", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("quantity", Text, nullable=False),  # a decimal, exact
    Column("updated_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("owner", "symbol"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("prev", Text),
    Column("hash", Text),
    Index(None, "subject"),
    Index(
        "ix_audit_chained",
        "seq",
        sqlite_where=text("hash is not null"),
        postgresql_where=text("hash is not null"),
    ),
    Index(
        "ix_audit_people",
        "actor",
        "seq",
        sqlite_where=text("actor <> 'engine'"),
        postgresql_where=text("actor <> 'engine'"),
    ),
    sqlite_autoincrement=True,
)

evaluation_cursors = Table(
    "evaluation_cursors",
    metadata,
    Column("symbol", Text, nullable=False),
    Column("venue", Text, nullable=False),
    Column("event_at", BigInteger, nullable=False),
    Column("trade_id", BigInteger),
    Column("price", Double),
    PrimaryKeyConstraint("symbol", "venue"),
    sqlite_with_rowid=False,
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("owner", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("request_hash", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("owner", "key"),
    Index(None, "at"),
)
