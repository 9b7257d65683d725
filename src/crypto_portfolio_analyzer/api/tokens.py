"""Access tokens: short-lived JWTs with one fixed algorithm, every claim checked."""

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
_CLAIMS = ("iss", "aud", "exp", "nbf", "iat", "sub", "jti", "sid", "role", "typ")


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

    def _claims(self, token: str) -> dict[str, Any]:
        # Times are checked above, against our own clock
        options: Any = {
            "require": list(_CLAIMS),
            "verify_exp": False,
            "verify_nbf": False,
            "verify_iat": False,
        }
        try:
            if jwt.get_unverified_header(token).get("typ") != TYPE:
                raise BadToken("the token is of another kind")
            claims: dict[str, Any] = jwt.decode(
                token, self._key, [ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options=options
            )
        except jwt.InvalidTokenError as error:
            raise BadToken("the token is not valid") from error
        if not all(isinstance(claims[name], int) for name in ("exp", "nbf", "iat")):
            raise BadToken("the token has no proper times")
        return claims
