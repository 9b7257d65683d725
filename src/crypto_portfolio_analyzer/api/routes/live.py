"""The WebSocket: `/ws`."""

from typing import Any

from fastapi import APIRouter, WebSocket
from starlette.requests import HTTPConnection

from crypto_portfolio_analyzer.api.auth import Gate
from crypto_portfolio_analyzer.api.doors import doors_of
from crypto_portfolio_analyzer.api.identity import OWN_AREA, Identity, Policy
from crypto_portfolio_analyzer.api.problems import Problem, answer
from crypto_portfolio_analyzer.api.wire import EXTENSION, Wire

router = APIRouter()

POLICY = Policy.LOCAL
"""Who may connect at all; each room has a policy of its own."""


@router.websocket("/ws")
async def ws(websocket: WebSocket) -> None:
    """Serve one client until it leaves."""
    house = doors_of(websocket)
    try:
        who = await _who(house.gate, websocket)
        await house.rates.charge(websocket.scope, who.name)
    except Problem as problem:
        await websocket.send_denial_response(
            answer("/ws", problem.status, problem.detail, problem.headers, **problem.more)
        )
        return
    await websocket.accept()
    wire: Wire = websocket.scope["extensions"][EXTENSION]["wire"]
    client = house.hub.welcome(who, wire)
    if client is None:
        return
    try:
        while (message := await websocket.receive())["type"] == "websocket.receive":
            house.dialogue.hear(client, _content(message))
    finally:
        house.dialogue.forget(client)


async def _who(gate: Gate, connection: HTTPConnection) -> Identity:
    ticket = connection.query_params.get("ticket")
    return await (gate.admit(connection, POLICY, OWN_AREA) if ticket is None else gate.redeem(ticket))


def _content(message: Any) -> str | bytes:
    text: str | None = message.get("text")
    return message["bytes"] if text is None else text
