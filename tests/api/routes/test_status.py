"""`GET /status`."""

from tests.api.house import House


async def test_status_has_the_documented_fields(house: House) -> None:
    async with house.client() as client, house.socket() as socket:
        await socket.say(type="join_room", room="prices")
        await socket.hear_of("status")
        await socket.hear_of("status")

        answer = (await client.get("/status")).json()

    assert answer["status"] in ("running", "degraded")
    assert answer["connected_clients"] == 1
    assert answer["rooms"]["prices"] == 1
    assert set(answer["rooms"]) == {"prices", "portfolio", "alerts", "tokens", "predictions", "system"}
    assert answer["uptime"] >= 0
    assert answer["streams"]["binance"]["status"]
    assert answer["started_at"].endswith("Z")


async def test_status_tells_the_worst_first(house: House) -> None:
    async with house.client() as client:
        answer = (await client.get("/status")).json()

    assert "symbols wait for their first price" in answer["verdict"] or "not connected" in answer["verdict"]
