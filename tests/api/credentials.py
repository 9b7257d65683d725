"""Every credential there is: those that prove nothing, each with one fault, and those that let somebody in."""

import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

from crypto_portfolio_analyzer.api.identity import Role
from crypto_portfolio_analyzer.api.tokens import AUDIENCE, ISSUER, TYPE
from tests.api.house import House
from tests.api.test_tokens import unsigned
from tests.fakes import MINUTE, SECOND

Headers = dict[str, str]


class Known(Struct, frozen=True):
    """A credential that lets somebody in: how it is shown, and how far it reaches."""

    headers: Headers
    role: Role
    scopes: tuple[str, ...] | None = None


def bearer(token: str) -> Headers:
    """Show a token as programs do."""
    return {"authorization": f"Bearer {token}"}


async def faulty(house: House) -> dict[str, Headers]:
    """Return credentials of an administrator that must open no door, each with the one fault it is named after."""
    return {
        "garbage": bearer("garbage"),
        "garbage of a JWT's form": bearer("a.b.c"),
        "API key garbage": {"x-api-key": "garbage"},
        "not ASCII": {"x-api-key": "ca_\xe4\xf6"},
        "wrong scheme": {"authorization": f"Basic {house.token}"},
        "bare scheme": {"authorization": "Bearer"},
        "half of the local token": bearer(house.token[:-1]),
        **{name: bearer(token) for name, token in (await _bad_jwts(house)).items()},
        **{name: bearer(token) for name, token in (await _ended(house)).items()},
        **{name: bearer(token) for name, token in (await _bad_api_tokens(house)).items()},
    }


async def known(house: House) -> dict[str, Known]:
    """Return what lets an administrator, a trader and a reader in."""
    made = {"the local token": Known(bearer(house.token), Role.ADMIN)}
    for role in Role:
        name = f"{role}-of-the-matrix"
        made[f"{role}'s session"] = Known(bearer(await house.login(name, role)), role)
        for scopes in (("read",), ("write",), ("admin",), ("market:read", "alerts:write"), ("users:write",)):
            _, secret = await house.app.accounts.tokens.create(name, "a", scopes, house.app.clock.now())
            made[f"{role}'s token for {' '.join(scopes)}"] = Known({"x-api-key": secret}, role, scopes)
    return made


async def _bad_jwts(house: House) -> dict[str, str]:
    """Return JWTs of a living session, whose claims and key are right but for one."""
    key = (house.app.settings.data_dir / "signing.key").read_bytes()
    session, _ = await house.app.accounts.open_session("admin", house.app.clock.now())
    at = house.app.clock.now() // SECOND
    right: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "admin",
        "role": "admin",
        "sid": session,
        "jti": "j",
        "typ": "access",
        "iat": at,
        "nbf": at,
        "exp": at + 600,
    }

    def signed(key: Any = key, algorithm: str = "HS256", head: Any = (), **changes: Any) -> str:
        return jwt.encode(right | changes, key, algorithm, headers={"typ": TYPE, **dict(head)})

    for good in (signed(), by_hand(right, key)):
        assert house.server.doors.gate.signer.read(good, house.app.clock.now()).session == session
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "expired": signed(exp=at - 1),
        "not yet valid": signed(nbf=at + 60),
        "issued in the future": signed(iat=at + 60),
        "wrong key": signed(bytes(32)),
        "alg none": unsigned(),
        "RS for HS": signed(private, "RS256"),
        "ES for HS": signed(ec.generate_private_key(ec.SECP256R1()), "ES256"),
        "HS with a public key": by_hand(right, public),
        "the right key as HS512": signed(key * 2, "HS512"),
        "a key of its own in the header": signed(bytes(32), head={"jwk": {"kty": "oct", "k": "AAAA"}}),
        "a key from a path": signed(b"\0" * 32, head={"kid": "../../dev/null"}),
        "wrong iss": signed(iss="elsewhere"),
        "wrong aud": signed(aud="another-api"),
        "several aud": signed(aud=[AUDIENCE, "another-api"]),
        "wrong typ": signed(typ="refresh"),
        "wrong typ of header": signed(head={"typ": "JWT"}),
        "unknown crit": signed(head={"crit": ["made-up"], "made-up": 1}),
        "crit b64": signed(head={"crit": ["b64"], "b64": False}),
        "no such session": signed(sid="x" * 26),
        "somebody else's session": signed(sub="nobody"),
        "a role that is none": signed(role="emperor"),
    }


def by_hand(claims: dict[str, Any], key: bytes) -> str:
    """Sign as no careful library would: with what is a public key elsewhere."""
    head = {"alg": "HS256", "typ": TYPE}
    text = b".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (head, claims))
    signature = urlsafe_b64encode(hmac.digest(key, text, "sha256")).rstrip(b"=")
    return f"{text.decode()}.{signature.decode()}"


async def _ended(house: House) -> dict[str, str]:
    """Return what was good once, or is good for something else."""
    accounts, now = house.app.accounts, house.app.clock.now()
    gate = house.server.doors.gate
    revoked, gone = [await house.login("admin") for _ in range(2)]
    await accounts.end_session("admin", gate.signer.read(revoked, now).session or "", now)
    async with house.client(**bearer(gone)) as client:
        await client.post("/api/auth/logout")
    out = await house.login("shut-out", Role.ADMIN)
    await accounts.disable_user("shut-out", now)
    demoted = await house.login("demoted", Role.ADMIN)
    await accounts.set_role("demoted", Role.READER, now)
    _, refresh = await accounts.open_session("admin", now)
    return {
        "revoked session": revoked,
        "logged out": gone,
        "disabled user": out,
        "a session of a former role": demoted,
        "refresh token": refresh,
        "one-time code": await accounts.issue_code("admin", now),
        "ticket": gate.ticket(gate.signer.read(await house.login("admin"), now)),
    }


async def _bad_api_tokens(house: House) -> dict[str, str]:
    accounts, now = house.app.accounts, house.app.clock.now()
    revoked, secret = await accounts.tokens.create("admin", "a", ["admin"], now)
    await accounts.tokens.revoke("admin", revoked.id, now)
    _, expired = await accounts.tokens.create("admin", "b", ["admin"], now - MINUTE, now - SECOND)
    _, of_disabled = await accounts.tokens.create("shut-out", "c", ["admin"], now)
    _, whole = await accounts.tokens.create("admin", "d", ["admin"], now)
    return {
        "API token revoked": secret,
        "API token expired": expired,
        "API token of a disabled user": of_disabled,
        "API token cut short": whole[:-1],
        "API token without its prefix": whole.removeprefix("ca_"),
    }
