"""Access tokens: short-lived JWTs with one fixed algorithm, every claim checked.

RFC 7519, with the advice of RFC 8725: the algorithm and the key are ours, never what a token says.
"""

import json
from secrets import token_urlsafe
from typing import Any

import jwt

from crypto_portfolio_analyzer.api.identity import Identity, Role

ALGORITHM = "HS256"
ISSUER = "crypto-analyzer"
AUDIENCE = "crypto-analyzer-api"
TYPE = "at+jwt"
LIFETIME_SECONDS = 15 * 60
LEEWAY_SECONDS = 5
KEY_BYTES = 32
_SECOND = 10**9
_TIMES = frozenset({"exp", "nbf", "iat"})
_CLAIMS = _TIMES | {"iss", "aud", "sub", "jti", "sid", "role", "typ"}
_JWS = jwt.PyJWS([ALGORITHM])


class BadToken(Exception):
    """A token that proves nothing; says why in a few words."""


class Signer:
    """Issues and reads access tokens with the server's key."""

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            message = f"the signing key needs {KEY_BYTES} bytes"
            raise ValueError(message)
        self._key = key

    def issue(self, *, name: str, role: Role, session: str, now: int) -> str:
        """Sign that `name` acts in `session`, for a quarter of an hour from `now` (ns)."""
        at = now // _SECOND
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": name,
            "role": role.value,
            "sid": session,
            "jti": token_urlsafe(12),
            "typ": "access",
            "iat": at,
            "nbf": at,
            "exp": at + LIFETIME_SECONDS,
        }
        return jwt.encode(claims, self._key, ALGORITHM, headers={"typ": TYPE})

    def read(self, token: str, now: int) -> Identity:
        """Return whom the token stands for at `now` (ns).

        Raises:
            BadToken: it is not ours, not for this, not yet or no longer valid.

        """
        claims = self._claims(token)
        at = now / _SECOND
        if at >= claims["exp"]:
            raise BadToken("the token has expired")
        if at + LEEWAY_SECONDS < max(claims["nbf"], claims["iat"]):
            raise BadToken("the token is not valid yet")
        if claims["typ"] != "access":
            raise BadToken("the token is not an access token")
        try:
            role = Role(claims["role"])
        except ValueError:
            raise BadToken("the token names no role") from None
        return Identity(claims["sub"], role, session=claims["sid"], until=claims["exp"] * _SECOND)

    def payload(self, token: str, *, kind: str | None = None) -> bytes:
        """Return what the token's signature vouches for; raises BadToken if it vouches for nothing, or another kind."""
        try:
            opened = _JWS.decode_complete(token, self._key, [ALGORITHM])
        except jwt.InvalidTokenError as error:
            raise BadToken("the token is not valid") from error
        if kind is not None and opened["header"].get("typ") != kind:
            raise BadToken("the token is of another kind")
        payload: bytes = opened["payload"]
        return payload

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            claims = json.loads(self.payload(token, kind=TYPE))
        except ValueError:
            raise BadToken("the token holds no claims") from None
        if not isinstance(claims, dict) or not claims.keys() >= _CLAIMS:
            raise BadToken("the token lacks a claim")
        if claims["iss"] != ISSUER or claims["aud"] != AUDIENCE:
            raise BadToken("the token is not of or not for this server")
        if not all(type(claims[name]) is int for name in _TIMES):
            raise BadToken("the token has no proper times")
        if not all(isinstance(claims[name], str) for name in _CLAIMS - _TIMES):
            raise BadToken("the token has no proper names")
        return claims
