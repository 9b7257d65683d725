"""What Alembic runs: the migrations, on the connection and in the transaction it is handed."""

from alembic import context

from crypto_portfolio_analyzer.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite's is too, once the driver lets us begin the transaction
    render_as_batch=True,
)
context.run_migrations()
