"""How many requests a minute one address and one user may make: counted in Redis when it is set, else here.

The counters are those of `limits`: a window of a minute begins with the first request in it. A Redis that is gone or
slow costs one request now and then a tenth of a second; meanwhile each process counts for itself.
"""

import asyncio
import ipaddress
import logging
from collections.abc import Collection
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network
from math import ceil
from typing import Any

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, Storage
from limits.storage import storage_from_string
from msgspec import Struct
from redis.exceptions import RedisError
from starlette.datastructures import Headers
from starlette.types import Scope

from crypto_portfolio_analyzer.api.problems import Problem
from crypto_portfolio_analyzer.clock import SystemClock

logger = logging.getLogger(__name__)

KINDS = ("address", "user")
PREFIX = "crypto-analyzer"
PATIENCE = 0.1
"""Seconds that Redis may take."""
AWAY = 5.0
"""Seconds for which a Redis that did not answer is not asked again."""
AT_ONCE = 20
"""Refusals in a window that come at once; who does not listen to them waits for the rest."""
DRAG = 1.0
"""Seconds that such a one waits."""
_IPV6_BITS = 64
"""Whoever has one address of IPv6 has so many more: the network counts."""


class Rate(Struct, frozen=True):
    """What a rate allows: `limit` requests a minute, `remaining` of them (below 0: one too many), all in `reset` s."""

    kind: str
    limit: int
    remaining: int
    reset: int

    @property
    def is_spent(self) -> bool:
        """Whether this request was one too many."""
        return self.remaining < 0

    def headers(self) -> dict[str, str]:
        """Return the header fields of the IETF's draft, and how long to wait if there is nothing left."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.remaining)),
            "RateLimit-Reset": str(self.reset),
        }
        return told | {"Retry-After": str(self.reset)} if self.is_spent else told


class Rates:
    """Counts requests by address and by user."""

    def __init__(
        self,
        *,
        per_address: int,
        per_user: int,
        redis_url: str | None = None,
        prefix: str = PREFIX,
        proxies: Collection[IPv4Network | IPv6Network] = (),
    ) -> None:
        self._items = {
            "address": RateLimitItemPerMinute(per_address),
            "user": RateLimitItemPerMinute(per_user),
        }
        self._proxies = tuple(proxies)
        self._near: Storage = MemoryStorage()
        self._far = None if redis_url is None else _redis(redis_url, prefix)
        self._wall = SystemClock()
        self._is_away, self._again_at = False, 0.0
        self.refused = dict.fromkeys(KINDS, 0)
        self.fallbacks = 0
        """How often Redis was given up."""

    async def hit(self, kind: str, who: str) -> Rate:
        """Count one request; never fails."""
        item = self._items[kind]
        count, ends = await self._count(item.key_for(kind, who), item.get_expiry())
        reset = max(1, ceil(ends - self._wall.now() / 1e9))
        rate = Rate(kind, item.amount, item.amount - count, min(reset, item.get_expiry()))
        self.refused[kind] += rate.is_spent
        return rate

    async def charge(self, scope: Scope, name: str | None) -> None:
        """Count a request for the user who made it; raises Problem (429)."""
        state = scope["state"]
        if name is None or state.get("unbound"):
            return
        rate = await self.hit("user", name)
        state["rate"] = rate
        if rate.is_spent:
            raise await refusal(rate)

    @property
    def is_shared(self) -> bool:
        """Whether Redis counts, for every process."""
        return self._far is not None and not self._is_away

    async def close(self) -> None:
        """Let go of Redis."""
        if self._far is not None:
            await self._far.bridge.storage.aclose()

    def address_of(self, peer: str, headers: Headers) -> str:
        """Return who a request comes from: the peer, or whom the nearest trusted proxies name; a /64 for IPv6."""
        hops = [hop.strip() for hop in headers.get("x-forwarded-for", "").split(",")] if self._proxies else []
        source = peer
        while hops and self._is_proxy(source):
            source = hops.pop()
        try:
            address = ipaddress.ip_address(source)
        except ValueError:  # a proxy that names no address, or a UNIX socket
            return peer
        if address.version == 4:
            return source
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, _IPV6_BITS), strict=False).network_address)

    def _is_proxy(self, text: str) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        return any(address in network for network in self._proxies)

    async def _count(self, key: str, seconds: int) -> tuple[int, float]:
        now = self._wall.monotonic()
        if self._far is not None and now >= self._again_at:
            if self._is_away:
                self._again_at = now + AWAY  # one request tries; the others do not wait for it
            try:
                async with asyncio.timeout(PATIENCE):
                    counted = await _counted(self._far, key, seconds)
            except (RedisError, OSError, TimeoutError) as error:
                self._lose(error)
            else:
                self._regain()
                return counted
        return await _counted(self._near, key, seconds)

    def _lose(self, error: Exception) -> None:
        self._again_at = self._wall.monotonic() + AWAY
        if not self._is_away:
            self._is_away = True
            self.fallbacks += 1
            logger.warning("requests are counted in this process only", extra={"why": type(error).__name__})

    def _regain(self) -> None:
        if self._is_away:
            self._is_away = False
            logger.info("requests are counted in Redis again")


async def refusal(rate: Rate) -> Problem:
    """Return the refusal of a request that was one too many; who goes on all the same waits for it.

    So a flood costs no more than its connections can ask, and others have the processor.
    """
    if rate.remaining < -AT_ONCE:
        await asyncio.sleep(DRAG)
    return spent(rate)


def spent(rate: Rate) -> Problem:
    """Return what is told of a rate that is spent."""
    whose = "this address" if rate.kind == "address" else "you"
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"{whose} may ask {rate.limit} times a minute",
        remedy=f"wait {rate.reset} s, then ask more slowly",
        headers=rate.headers(),
    )


async def _counted(storage: Storage, key: str, seconds: int) -> tuple[int, float]:
    """Return how often a key was counted in its window, this time included, and when (s) the window ends."""
    return await storage.incr(key, seconds), await storage.get_expiry(key)


def _redis(url: str, prefix: str) -> Any:
    return storage_from_string(f"async+{url}", implementation="redispy", key_prefix=prefix)
