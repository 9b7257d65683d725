"""The portfolio of a running server: at its prices, told again when it changes."""

import asyncio
import json

from crypto_portfolio_analyzer.cli.portfolio_calls import added, listed, status
from tests.api.house import PATIENCE, open_house
from tests.cli.shelf import Said


async def test_a_running_server_tells_its_prices(tmp_path):
    said, document = Said(), Said(as_json=True)
    async with open_house(tmp_path, simulated=True) as house:
        house.ticker("BTC/USDT", 60_000.0, open_24h=58_500.0)
        await added(house.app.settings, "BTC", "0.5", document.output)
        await added(house.app.settings, "BTC/USDT", "0.000000000000000001", document.output)
        await listed(house.app.settings, said.output)

    head, btc, pair = said.out.splitlines()
    assert head.split() == ["SYMBOL", "QUANTITY", "PRICE", "VALUE", "24H", "WEIGHT"]
    assert btc.split() == ["BTC", "0.5", "60,000.00", "30,000.00", "▲", "+2.56%", "100.0%", "SIM"]
    assert pair.split()[:2] == ["BTC/USDT", "0.000000000000000001"]
    assert "SIM · 30,000.00 · 24 h ▲ +2.56% · 2 holdings" in said.err


async def test_a_watch_says_every_change_once(tmp_path):
    said = Said(as_json=True)
    async with open_house(tmp_path) as house:
        settings = house.app.settings
        await added(settings, "BTC", "2", Said(as_json=True).output)
        async with asyncio.TaskGroup() as group, asyncio.timeout(PATIENCE):
            watching = group.create_task(status(settings, said.output, watch=True))
            while len(said.out.splitlines()) < 1:
                await asyncio.sleep(0.01)
            house.tick("BTC/USDT", 50.0)
            while len(said.out.splitlines()) < 2:
                await asyncio.sleep(0.01)
            watching.cancel()

    told = [json.loads(line) for line in said.out.splitlines()]
    assert [each["total_value"] for each in told] == ["0", "100"]
