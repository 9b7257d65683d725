"""`/health`, `/ready`, `/metrics`."""

import pytest

from crypto_portfolio_analyzer.app import Ping
from tests.api.house import House


async def test_health_is_open_and_names_the_version(house: House) -> None:
    async with house.client() as client:
        answer = await client.get("/health")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["version"]


@pytest.mark.parametrize(("needed", "status"), [(True, 503), (False, 200)])
async def test_ready_is_503_only_if_something_needed_fails(house: House, needed: bool, status: int) -> None:
    async def pings() -> list[Ping]:
        return [Ping("disk", ok=False, detail="full", remedy="free some", needed=needed)]

    house.server.doors.pings = pings
    async with house.client() as client:
        answer = await client.get("/ready")

    assert answer.status_code == status
    assert answer.json()["pings"][0]["remedy"] == "free some"


async def test_metrics_need_a_login_and_speak_prometheus(house: House) -> None:
    async with house.client() as anybody, house.owner() as owner, house.socket() as socket:
        await socket.say(type="join_room", room="prices")
        await socket.hear_of("status")
        await socket.hear_of("status")
        refused = await anybody.get("/metrics")
        answer = await owner.get("/metrics")

    assert refused.status_code == 401
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "crypto_analyzer_ws_clients 1.0" in answer.text
    assert 'crypto_analyzer_ws_room_members{room="prices"} 1.0' in answer.text
    assert 'crypto_analyzer_ws_closed_total{reason="slow"} 0.0' in answer.text
