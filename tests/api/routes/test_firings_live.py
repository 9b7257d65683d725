"""The room `alerts` over the wire: nothing missed, nothing twice, nothing of anybody else."""

import asyncio
from typing import Any

from tests.api.house import House, Socket
from tests.api.routes.test_alerts import fired, make

OFTEN = {"trigger": "every_time", "condition": "price crosses above 60000"}


def cross(house: House, times: int = 1) -> None:
    for _ in range(times):
        house.tick("BTC/USDT", 59_000.0)
        house.tick("BTC/USDT", 60_001.0)


async def until_seq(socket: Socket, seq: int) -> list[dict[str, Any]]:
    """Return the alerts that come, up to the one with this number."""
    heard: list[dict[str, Any]] = []
    while not heard or heard[-1]["seq"] < seq:
        message = await socket.hear()
        if message["type"] == "alert":
            heard.append(message)
    return heard


async def joined(socket: Socket) -> None:
    await socket.say(type="join_room", room="alerts")
    while (await socket.hear_of("status"))["data"].get("joined") is not True:
        continue


async def test_a_firing_comes_as_the_resource_with_its_number(house: House) -> None:
    async with house.owner() as client, house.owner_socket() as socket:
        await joined(socket)
        await make(client, **OFTEN)
        cross(house)
        message = await socket.hear_of("alert")
        [firing] = await fired(client)

    assert message["seq"] == firing["seq"] == 1
    later = {"deliveries", "seen_at", "seen_by"}
    assert message["data"] == {**{key: firing[key] for key in firing.keys() - later}, "price": 60_001.0}


async def test_others_and_strangers_hear_nothing(house: House) -> None:
    anna = await house.login("anna")
    async with (
        house.owner() as client,
        house.owner_socket() as owner,
        house.socket(authorization=f"Bearer {anna}") as other,
        house.socket() as stranger,
    ):
        await joined(owner)
        await joined(other)
        await stranger.say(type="resume", room="alerts", after=0)
        refusal = await stranger.hear_of("error")
        await other.say(type="resume", room="alerts", after=0)
        resumed = await other.hear_of("status")
        await make(client, **OFTEN)
        cross(house)
        await owner.hear_of("alert")
        await other.say(type="ping")
        after = await other.hear()

    assert refusal["data"]["code"] == "unauthorised"
    assert resumed["data"] == {"room": "alerts", "resumed_to": 0, "gap": False}
    assert after["type"] == "heartbeat", "and no alert before it"


async def test_a_client_that_comes_back_again_and_again_gets_every_firing_once(house: House) -> None:
    total = 60
    async with house.owner() as client:
        await make(client, **OFTEN)

        async def market() -> None:
            for _ in range(total):
                cross(house)
                await asyncio.sleep(0.005)

        seen: list[int] = []
        async with asyncio.TaskGroup() as group:
            group.create_task(market())
            while not seen or seen[-1] < total:
                async with house.owner_socket() as socket:
                    await socket.say(type="resume", room="alerts", after=seen[-1] if seen else 0)
                    first = (seen[-1] if seen else 0) + 1
                    seen += [each["seq"] for each in await until_seq(socket, min(first + 6, total))]

    assert seen == list(range(1, total + 1))
