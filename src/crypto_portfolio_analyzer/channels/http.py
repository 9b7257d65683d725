"""One HTTP request of a channel, and what its outcome means for the delivery (reliability table, responses).

Every way to fail becomes a DeliveryFailed with a closed word. It is raised outside of the handler that caught the
cause: the libraries' errors carry the URL, which is a secret, and must not hang on to ours.
"""

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import NamedTuple, TypeVar

import aiohttp
import msgspec

from crypto_portfolio_analyzer import __version__
from crypto_portfolio_analyzer.channels.guard import Blocked, blocked
from crypto_portfolio_analyzer.errors import DeliveryFailed

T = TypeVar("T")
USER_AGENT = f"crypto-analyzer/{__version__}"
MAX_BODY = 64 * 1024
"""Bytes of an answer that are read at most; none is ever shown."""
MAX_RETRY_AFTER = 86_400.0
CONFIG_STATUSES = frozenset((400, 401, 403, 404, 405, 422))
LATER_STATUSES = frozenset((408, 425, 429))
_SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


class Patience(NamedTuple):
    """Seconds for the connection with its TLS handshake, and for the whole request."""

    connect: float = 5.0
    total: float = 15.0


class Answer(NamedTuple):
    """What came back. `body` is what was asked for and could be read; `fault` the word for why it is not whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    fault: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether the other end took the message: it has, once it says so, whatever becomes of the rest."""
        return 200 <= self.status < 300


async def ask(
    session: aiohttp.ClientSession,
    url: str,
    data: bytes | aiohttp.FormData,
    headers: Mapping[str, str],
    *,
    patience: Patience,
    method: str = "POST",
    wants_body: bool = False,
) -> Answer:
    """Send one request and return the answer, whatever its status but a redirect; raises DeliveryFailed."""
    try:
        async with session.request(
            method,
            url,
            data=data,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **headers},
            timeout=aiohttp.ClientTimeout(total=patience.total, connect=patience.connect),
            allow_redirects=False,
        ) as response:
            body, fault = await _read(response) if wants_body else (b"", "")
            return Answer(response.status, response.headers, body, fault)
    except DeliveryFailed:  # the guard's
        raise
    except (aiohttp.ClientError, OSError, ValueError) as error:  # TimeoutError is an OSError
        failure = _failure(error)
    raise failure


def require_accepted(answer: Answer, now: int) -> None:
    """Raise DeliveryFailed, by the table of responses, unless the answer is a 2xx; `now` is in ns UTC."""
    status = answer.status
    if answer.is_accepted:
        return
    if status == 410:
        raise DeliveryFailed("status", "it answered 410: gone for good", status=status, disables=True)
    if status in CONFIG_STATUSES:
        detail = (
            f"it answered {status}: it does not take what is sent there; check the address and its secrets"
        )
        raise DeliveryFailed("status", detail, status=status, is_config=True)
    later = status in LATER_STATUSES or status >= 500
    wait = retry_after(answer.headers.get("Retry-After", ""), now) if later else None
    raise DeliveryFailed("status", f"it answered {status}", status=status, retry_after=wait)


def retry_after(value: str, now: int) -> float | None:
    """Read a Retry-After header, seconds or an HTTP date, as seconds from `now` (ns UTC), at most a day."""
    text = value.strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, aware.timestamp() - now / 1e9), MAX_RETRY_AFTER)


def read_json(body: bytes, kind: type[T]) -> T:
    """Return what a body says of `kind`, or a `kind` of defaults if it says nothing of the sort."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError):
        return kind()


async def _read(response: aiohttp.ClientResponse) -> tuple[bytes, str]:
    """Read a body up to its cap; a body that fails halfway is returned as far as it came, with the word for why."""
    body = bytearray()
    try:
        async for chunk in response.content.iter_chunked(8192):
            body += chunk
            if len(body) > MAX_BODY:
                return bytes(body[:MAX_BODY]), "too_large"
    except TimeoutError:
        return bytes(body), "timeout_read"
    except (aiohttp.ClientError, OSError):
        return bytes(body), "bad_answer"
    return bytes(body), ""


def _failure(error: Exception) -> DeliveryFailed:
    """Return what an error of the HTTP client means; before the connection stood, nothing can have arrived."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return DeliveryFailed("timeout_connect", "no connection came about in time")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        detail = "its certificate cannot be trusted: expired, for another name, or signed by nobody known"
        return DeliveryFailed("tls", detail, final=True, is_config=True)
    if isinstance(error, aiohttp.ClientConnectorError):
        return _unconnected(error)
    if isinstance(error, (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)):
        return blocked("the URL cannot be used")
    if isinstance(error, TimeoutError):
        return DeliveryFailed("timeout_read", "no answer came in time", is_unknown=True)
    if isinstance(error, (aiohttp.ServerDisconnectedError, OSError)):
        return DeliveryFailed("reset", "the connection broke before an answer", is_unknown=True)
    return DeliveryFailed("bad_answer", "what it answered is not HTTP", is_unknown=True)


def _unconnected(error: aiohttp.ClientConnectorError) -> DeliveryFailed:
    cause = error.os_error
    if isinstance(cause, Blocked):
        return blocked("its address is not public; the operator can allow own networks")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return DeliveryFailed("dns", "its name cannot be resolved")
    if isinstance(error, aiohttp.ClientSSLError):
        return DeliveryFailed("tls", "no TLS connection could be agreed on")
    if isinstance(cause, ConnectionResetError):
        return DeliveryFailed("reset", "the connection broke while it was opened")
    return DeliveryFailed("refused", "nobody answers at its address and port")
