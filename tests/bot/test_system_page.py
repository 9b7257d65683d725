"""The system page: the worst first, with what to do."""

from crypto_portfolio_analyzer.errors import StorageUnavailable


async def test_trouble_comes_first_with_its_remedy(house):
    anna = await house.linked("Anna")
    well = await house.said(anna, "/status")
    assert "✓ database: answers" in well.text.split("\n")

    house.app.alerts.committer.error = StorageUnavailable("gone")
    await house.pressed(anna, "↻ Refresh", well)

    lines = well.text.split("\n")
    assert lines[1] == "✗ alerts: 0 decisions wait for the database: gone"
    assert lines[2] == "   → bring the database back; nothing is lost meanwhile"
    menu = await house.said(anna, "/start")
    assert menu.text.endswith("1 in trouble, see /status")
