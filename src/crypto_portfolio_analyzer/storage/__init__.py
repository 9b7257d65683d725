"""What survives: tables, stores, migrations, backups; on SQLite by itself, on PostgreSQL in production."""
