"""Public REST calls to a venue: its weight budget kept, its refusals obeyed."""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping

import aiohttp

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.venues import Limits, Request
from crypto_portfolio_analyzer.errors import ConnectionLost, RequestRefused
from crypto_portfolio_analyzer.streaming.pacing import MARGIN, Pace

logger = logging.getLogger(__name__)

TIMEOUT = 10.0
MAX_BODY = 32 << 20
_BANNED = 418
_SLOW_DOWN = 429
_DEFAULT_PAUSE = 10.0
_LONGEST_PAUSE = 3 * 24 * 3600.0
"""The longest ban a venue is known to impose; a header that says more is wrong."""
_OK = 200


class RestClient:
    """One venue's REST side: one session, one budget. `base` has no trailing slash."""

    def __init__(
        self, base: str, limits: Limits, clock: Clock, headers: Mapping[str, str] | None = None
    ) -> None:
        self._base, self._clock = base.rstrip("/"), clock
        self._headers = dict(headers or {})
        self._pace = Pace(clock, limits.rest_weight * MARGIN, limits.rest_window)
        self._session: aiohttp.ClientSession | None = None
        self.outcomes: Counter[str] = Counter()
        self.weight = 0
        self.last_error: str | None = None

    def free_weight(self) -> float:
        """Return the weight that may be spent now; 0 while the venue told us to wait."""
        return self._pace.free()

    async def get(self, request: Request) -> bytes:
        """Return the body of a GET, waiting for the budget first.

        Raises:
            RequestRefused: the venue answered with an error status; 429 and 418 also pause all requests.
            ConnectionLost: no answer in time, or none at all.

        """
        await self._pace.spend(request.weight)
        self.weight += request.weight
        url = f"{self._base}{request.path}"
        try:
            async with asyncio.timeout(TIMEOUT), self._opened().get(url, params=request.query) as answer:
                body = await answer.content.read(MAX_BODY)
                while not answer.content.at_eof() and len(body) < MAX_BODY:
                    body += await answer.content.read(MAX_BODY - len(body))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.outcomes["failed"] += 1
            self.last_error = str(error) or type(error).__name__
            raise ConnectionLost(url, self.last_error) from error
        if answer.status != _OK:
            raise self._refusal(url, answer, body)
        self.outcomes["done"] += 1
        self.last_error = None
        return body

    def _refusal(self, url: str, answer: aiohttp.ClientResponse, body: bytes) -> RequestRefused:
        self.outcomes["limited" if answer.status in (_BANNED, _SLOW_DOWN) else "refused"] += 1
        after = _seconds(answer.headers.get("Retry-After"))
        if answer.status in (_BANNED, _SLOW_DOWN):
            self._pace.close_for(after if after is not None else _DEFAULT_PAUSE)
            logger.warning(
                "venue asks to slow down", extra={"url": url, "status": answer.status, "seconds": after}
            )
        text = body[:200].decode("utf-8", "replace")
        self.last_error = f"{answer.status} {text}"
        return RequestRefused(url, answer.status, text, after)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers, trust_env=False)
        return self._session

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _seconds(text: str | None) -> float | None:
    try:
        return min(_LONGEST_PAUSE, max(0.0, float(text))) if text is not None else None
    except ValueError:
        return None
