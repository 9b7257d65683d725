"""What pages of other origins may do: those the operator named, exactly, with a token of their own.

Nobody's cookie travels with such a request (`SameSite=Strict`), and none is asked for.
"""

from collections.abc import Collection
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import Response

METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
ASKED = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "X-API-Key")
"""Headers that pages of other origins may send."""
TOLD = (
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
)
"""Headers they may read."""
KEPT_SECONDS = 600


class Cors:
    """Knows the origins whose pages may ask."""

    def __init__(self, origins: Collection[str]) -> None:
        self.origins = frozenset(origin.lower().rstrip("/") for origin in origins)

    def headers(self, origin: str | None) -> dict[str, str]:
        """Return what an answer tells a page of `origin`; nothing to one that is not named."""
        if not self.origins:
            return {}
        if origin is None or origin.lower() not in self.origins:
            return {"Vary": "Origin"}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": ", ".join(TOLD),
            "Vary": "Origin",
        }

    def preflight(self, method: str, headers: Headers) -> Response | None:
        """Answer a browser that asks first on behalf of a named origin; None for anything else."""
        origin = headers.get("origin")
        if method != "OPTIONS" or origin is None or "access-control-request-method" not in headers:
            return None
        if origin.lower() not in self.origins:
            return None
        told = {
            "Access-Control-Allow-Methods": ", ".join(METHODS),
            "Access-Control-Allow-Headers": ", ".join(ASKED),
            "Access-Control-Max-Age": str(KEPT_SECONDS),
        }
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=told)
