"""Proofs of who somebody is: a password with the second factor, a one-time code; and the patience with wrong ones."""

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import Request
from starlette.datastructures import Headers

from crypto_portfolio_analyzer.api.attempts import Crowded
from crypto_portfolio_analyzer.api.auth import unauthorised
from crypto_portfolio_analyzer.api.doors import Doors
from crypto_portfolio_analyzer.api.people_schemas import LoginRequest
from crypto_portfolio_analyzer.api.problems import Problem
from crypto_portfolio_analyzer.storage.accounts import User

WRONG = "name, password or code is not right"
"""The one answer to whatever is wrong: an unknown name, a password, an account that is shut out."""
NEEDS_TOTP = "totp"


async def proven(request: Request, house: Doors, body: LoginRequest) -> User:
    """Return the account that a login proves; raises Problem (401, 422, 429, 503)."""
    if body.code:
        account = await by_code(request, house, body.code)
        if account is None:
            raise unauthorised(WRONG)
        return account
    name = (body.name or "").strip().lower()
    if not name or not body.password:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "a login needs name and password, or a code",
            remedy="send both, or the code of a one-time link",
        )
    address, key = _address(request, house), f"name {name}"
    await _wait(house, address, key)
    account = await right_password(house, name, body.password)
    if account is None:
        await house.gate.accounts.refuse_login(name, "password", house.clock.now())
        raise unauthorised(WRONG)
    await _second_factor(house, account, body.totp, (address, key))
    house.attempts.succeed(key)
    house.attempts.excuse(address)
    return account


async def by_code(request: Request, house: Doors, code: str) -> User | None:
    """Return the account that a one-time code lets in, and use the code up; raises Problem (429)."""
    address = _address(request, house)
    await _wait(house, address)
    account = await house.gate.accounts.redeem_code(code, house.clock.now())
    if account is not None:
        house.attempts.excuse(address)
    return account


@asynccontextmanager
async def turn(house: Doors) -> AsyncIterator[None]:
    """Wait for a turn at hashing passwords; raises Problem (503) if too many wait already."""
    try:
        async with house.gate.turns.one():
            yield
    except Crowded:
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "too many are logging in at this moment",
            remedy="try again in a second",
            headers={"Retry-After": "1"},
        ) from None


async def right_password(house: Doors, name: str, password: str) -> User | None:
    """Return the account if the password is right; takes as long for a wrong one. Raises Problem (503)."""
    async with turn(house):
        return await house.gate.accounts.check_password(name, password)


async def prove_again(house: Doors, name: str, password: str) -> None:
    """Check the password of somebody who is logged in; raises Problem (403, 429, 503)."""
    key = f"name {name}"
    await _wait(house, key)
    if await right_password(house, name, password) is None:
        raise Problem(HTTPStatus.FORBIDDEN, "the current password is not right", remedy="write it again")
    house.attempts.succeed(key)


async def prove_code(
    house: Doors, name: str, check: Callable[[str, str, int], Awaitable[bool]], code: str
) -> None:
    """Check a code of somebody who is logged in, by `check(name, code, now)`; raises Problem (403, 429)."""
    key = f"factor {name}"
    await _wait(house, key)
    if not await check(name, code, house.clock.now()):
        raise Problem(HTTPStatus.FORBIDDEN, "the code is not right", remedy="wait for the next one")
    house.attempts.succeed(key)


async def _second_factor(house: Doors, account: User, code: str | None, keys: tuple[str, ...]) -> None:
    if not account.totp:
        return
    if not code:
        house.attempts.excuse(*keys)
        raise unauthorised("this account also needs its second factor", needs=NEEDS_TOTP)
    now = house.clock.now()
    if not await house.gate.accounts.second_factor.check(account.name, code, now):
        await house.gate.accounts.refuse_login(account.name, "second factor", now)
        raise unauthorised("the code of the second factor is not right, or was used", needs=NEEDS_TOTP)


async def _wait(house: Doors, *keys: str) -> None:
    seconds = math.ceil(house.attempts.begin(*keys))
    if seconds > 0:
        raise Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"too many tries; try again in {seconds} s",
            remedy="wait that long, or use a one-time link",
            headers={"Retry-After": str(seconds)},
        )


def _address(request: Request, house: Doors) -> str:
    peer = request.client.host if request.client else ""
    return f"address {house.rates.address_of(peer, Headers(scope=request.scope))}"
