"""What routes find at hand."""

from pathlib import Path

from crypto_portfolio_analyzer.streaming.streams import StreamConfig
from tests.api.house import House, open_house


async def test_streams_of_both_kinds_are_told(house: House) -> None:
    await house.app.streams.start()
    await house.app.streams.add_stream(StreamConfig(stream_id="mine", url="ws://127.0.0.1:9"))
    told = house.server.doors.streams()
    await house.app.streams.stop()

    assert set(told) == {"binance", "mine"}
    assert told["mine"]["messages_received"] == 0
    assert told["mine"]["last_message_time"] is None


async def test_simulation_is_known_everywhere(tmp_path: Path) -> None:
    async with open_house(tmp_path, simulated=True) as house, house.owner() as client:
        house.tick("BTC/USDT", 1.0)
        status = (await client.get("/status")).json()
        market = (await client.get("/api/market/BTC")).json()
        bars = (await client.get("/api/market/BTC/bars")).json()

    assert status["simulated"] is market["simulated"] is bars["simulated"] is True
