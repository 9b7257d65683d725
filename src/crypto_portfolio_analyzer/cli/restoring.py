"""Restoring a copy of the database, as an audited fact."""

from pathlib import Path

from crypto_portfolio_analyzer.app import sealing_of
from crypto_portfolio_analyzer.settings import Settings, clock_of
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN
from crypto_portfolio_analyzer.storage.audit_anchor import Anchor
from crypto_portfolio_analyzer.storage.audit_chain import PURPOSE
from crypto_portfolio_analyzer.storage.audit_log import AuditLog
from crypto_portfolio_analyzer.storage.backup import restore
from crypto_portfolio_analyzer.storage.database import Database
from crypto_portfolio_analyzer.storage.schema import upgrade


async def restored(settings: Settings, path: Path) -> None:
    """Replace the database by a copy, bring it to this schema, and let the audit log go on from the copy's end.

    The entry of it holds what the anchor knew, so that what the copy does not have is not lost without a trace.
    Raises InvalidInput, StorageError.
    """
    await restore(settings.database_url, path)
    await upgrade(settings.database_url)
    database = Database(
        settings.database_url, connections=1, audit_keys=sealing_of(settings).derived(PURPOSE)
    )
    await database.start()
    try:
        log = AuditLog(database, Anchor(settings.data_dir), clock_of(settings))
        await log.go_on(LOCAL_ADMIN, "database.restored", path.name)
    finally:
        await database.stop()
