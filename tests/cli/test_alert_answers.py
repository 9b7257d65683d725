"""What a server answers about alerts, as people and programs read it."""

import json

from crypto_portfolio_analyzer.cli import alert_answers
from tests.cli.shelf import FIRING, Said, shelf


async def test_alerts_are_listed_by_symbol_state_and_tag(tmp_path):
    async with shelf(tmp_path) as kept:
        for fields in ({}, {"symbol": "ETH/USDT"}, {"state": "error"}, {"tags": ["night"]}):
            kept.put(**fields)

        for only, count in (({"symbol": "ETH"}, 1), ({"state": "error"}, 1), ({"tag": "night"}, 1), ({}, 4)):
            said = Said(as_json=True)
            await alert_answers.listed(kept.settings, only, said.output)
            assert len(json.loads(said.out)["alerts"]) == count


async def test_one_alert_is_shown_explained_and_tested(tmp_path):
    async with shelf(tmp_path) as kept:
        alert = kept.put(name="a")
        shown, explained, tested = Said(), Said(), Said()

        await alert_answers.shown(kept.settings, "a", shown.output)
        await alert_answers.explained(kept.settings, "a", explained.output)
        await alert_answers.tested(kept.settings, "a", tested.output, send=False)

    assert alert["id"] in shown.out
    assert "✓ price > 1, now 2, 1 away" in explained.out
    assert "a is true now" in tested.out
    assert "nobody was told" in tested.err
    assert (
        "POST",
        "/api/alerts/validate",
        {"condition": "price > 1", "timeframe": "1m", "symbol": "BTC/USDT"},
    ) in kept.asked


async def test_firings_of_one_alert_or_all(tmp_path):
    async with shelf(tmp_path) as kept:
        kept.put(name="a")
        said = Said(as_json=True)
        await alert_answers.fired(kept.settings, "a", {"symbol": None, "since": None}, 10, said.output)

    assert json.loads(said.out) == {"firings": [FIRING]}


async def test_no_silences_say_how_to_make_one(tmp_path):
    async with shelf(tmp_path) as kept:
        said = Said()
        await alert_answers.silences_listed(kept.settings, said.output)

    assert said.out == "no silences\n"
    assert "alerts silence add" in said.err
