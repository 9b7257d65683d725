"""Restoring a copy is in the audit log of what was restored."""

from crypto_portfolio_analyzer.cli.restoring import restored
from crypto_portfolio_analyzer.storage.audit_anchor import Anchor
from crypto_portfolio_analyzer.storage.backup import backup
from tests.api.house import open_house


async def test_log_goes_on_from_the_copy_and_says_so(tmp_path):
    copy = tmp_path / "copy.db"
    async with open_house(tmp_path) as house:
        settings = house.app.settings
        await backup(settings.database_url, copy)
        await house.login("anna")
        await house.app.audit.anchor()
    lost = Anchor(settings.data_dir).read()
    assert lost is not None

    await restored(settings, copy)

    async with open_house(tmp_path) as house:
        newest, *others = await house.app.audit.entries()
        verdict = await house.app.audit.verify()
    assert (newest.actor, newest.action, newest.subject) == ("admin", "database.restored", "copy.db")
    assert newest.details == {"anchor_seq": lost.seq, "anchor_hash": lost.hash}
    assert "anna" not in {each.subject for each in others}
    assert (verdict.ok, verdict.entries) == (True, 1)
