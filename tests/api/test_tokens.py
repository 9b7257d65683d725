"""Access tokens: the matrix of everything that must not pass."""

import base64
import json
from typing import Any

import jwt
import pytest

from crypto_portfolio_analyzer.api.identity import Role
from crypto_portfolio_analyzer.api.tokens import AUDIENCE, ISSUER, LIFETIME_SECONDS, TYPE, BadToken, Signer
from tests.fakes import NOON, SECOND

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
AT = NOON // SECOND
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "admin",
    "role": "admin",
    "sid": "s1",
    "jti": "j1",
    "typ": "access",
    "iat": AT,
    "nbf": AT,
    "exp": AT + 60,
}
PUBLIC_PEM = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n"


def forged(
    key: Any = KEY, algorithm: str = "HS256", headers: dict[str, Any] | None = None, **changes: Any
) -> str:
    claims = {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}
    return jwt.encode(claims, key, algorithm, headers={"typ": TYPE, **(headers or {})})


def without(name: str) -> str:
    """Return a token that lacks one claim."""
    changes: dict[str, Any] = {name: ...}
    return forged(**changes)


def unsigned() -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none', 'typ': TYPE})}.{part(GOOD)}."


def test_a_token_says_who_and_until_when() -> None:
    signer = Signer(KEY)

    who = signer.read(signer.issue(name="admin", role=Role.ADMIN, session="s1", now=NOON), NOON)

    assert (who.name, who.role, who.session) == ("admin", Role.ADMIN, "s1")
    assert who.until == NOON + LIFETIME_SECONDS * SECOND


def test_a_token_made_by_hand_with_our_key_passes() -> None:
    assert Signer(KEY).read(forged(), NOON).name == "admin"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        "a.b.c",
        unsigned(),
        forged(OTHER_KEY),
        forged(bytes(64), "HS512"),
        forged(KEY * 2, "HS384"),
        forged(exp=AT),
        forged(exp=AT - 1),
        forged(nbf=AT + 60, exp=AT + 120),
        forged(iat=AT + 60, exp=AT + 120),
        forged(iss="elsewhere"),
        forged(aud="another-api"),
        forged(typ="refresh"),
        forged(role="emperor"),
        forged(exp="tomorrow"),
        forged(headers={"typ": "JWT"}),
        forged(headers={"crit": ["b64"], "b64": False}),
        forged(headers={"crit": ["made-up"], "made-up": 1}),
        *(without(name) for name in GOOD),
    ],
)
def test_everything_else_proves_nothing(token: str) -> None:
    with pytest.raises(BadToken):
        Signer(KEY).read(token, NOON)


def test_a_public_key_used_as_secret_proves_nothing() -> None:
    swapped = forged(PUBLIC_PEM.encode().replace(b"PUBLIC", b"SECRET"))

    with pytest.raises(BadToken):
        Signer(KEY).read(swapped, NOON)


def test_a_token_ends_by_our_clock() -> None:
    signer = Signer(KEY)
    token = signer.issue(name="admin", role=Role.ADMIN, session="s1", now=NOON)

    assert signer.read(token, NOON + (LIFETIME_SECONDS - 1) * SECOND).name == "admin"
    with pytest.raises(BadToken, match="expired"):
        signer.read(token, NOON + LIFETIME_SECONDS * SECOND)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        Signer(b"short")
