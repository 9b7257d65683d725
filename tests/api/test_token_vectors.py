"""Wycheproof against our verifier of signatures: whatever is marked invalid is refused, or is about what we lack."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jwt import InvalidKeyError
from jwt.algorithms import HMACAlgorithm
from jwt.utils import base64url_decode

from crypto_portfolio_analyzer.api.tokens import KEY_BYTES, BadToken, Signer

FOLDER = Path("conformance") / "wycheproof"
OUR_KEY = bytes(range(KEY_BYTES))
CONTRADICTED = {367, 370}
"""Marked invalid for a padding that the published file lost: byte for byte the valid vector 357."""


def groups(recorded_data: Path, name: str) -> list[dict[str, Any]]:
    """Return the groups of one file of vectors."""
    with gzip.open(recorded_data / FOLDER / f"{name}_test.json.gz") as file:
        found: list[dict[str, Any]] = json.load(file)["testGroups"]
    return found


def keys_of(group: dict[str, Any]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield what a careless verifier would take for its secret, with the JWK it is from.

    Of a symmetric key that is the key, of others the public half as text: the swap of RS for HS.
    """
    for jwk in group["private"].get("keys", [group["private"]]):
        public = {name: jwk[name] for name in ("kty", "crv", "n", "e", "x", "y") if name in jwk}
        yield jwk, base64url_decode(jwk["k"]) if jwk["kty"] == "oct" else json.dumps(public).encode()


def verdict(key: bytes, token: str) -> str:
    """Say how our verifier judges a token under a key."""
    try:
        Signer(key).payload(token)
    except BadToken:
        return "refused"
    except (ValueError, InvalidKeyError):
        return "key refused"
    return "accepted"


def test_signatures(recorded_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    wrong = []
    valid_bytes: set[str] = set()
    for group in groups(recorded_data, "json_web_signature"):
        valid_bytes |= {test["jws"] for test in group["tests"] if test["result"] == "valid"}
        for test in group["tests"]:
            [(jwk, key)] = keys_of(group)
            judged = verdict(key, test["jws"])
            if test["tcId"] in CONTRADICTED:
                assert test["jws"] in valid_bytes
                judged = "contradicted by a vector of the same bytes"
            elif jwk["kty"] != "oct":
                judged = f"{judged}: no key of ours is {jwk['kty']}"
            counts[test["result"], judged] += 1
            if test["result"] == "invalid" and judged == "accepted":
                wrong.append(test["tcId"])
            assert verdict(OUR_KEY, test["jws"]) == "refused"

    with capsys.disabled():
        print(f"\nWycheproof JWS: {dict(counts)}")  # noqa: T201  # the figure
    assert wrong == []
    assert counts["invalid", "refused"] == 28
    assert counts["valid", "accepted"] == 8
    assert counts["valid", "refused"] == 2  # they hold a letter that base64url has not
    assert sum(counts.values()) == 401
    assert not any("accepted:" in judged for _, judged in counts)


def test_key_sets(recorded_data: Path) -> None:
    """Faults of key sets cannot reach us: there is one key, from our own file, for one purpose, long enough."""
    refused, beyond = [], Counter[str]()
    for group in groups(recorded_data, "json_web_key"):
        keys = list(keys_of(group))
        for test in group["tests"]:
            if test["result"] == "valid":
                continue
            judged = {verdict(key, test["jws"]) for _, key in keys}
            if "accepted" not in judged:
                refused.append(test["tcId"])
            elif len(keys) > 1:
                beyond["its fault is a set of keys, and we have none"] += 1
            else:
                assert not keys[0][0]["alg"].startswith("HS")
                beyond["its fault is what the key says it is for, and ours says nothing"] += 1
            assert verdict(OUR_KEY, test["jws"]) == "refused"

    assert (len(refused), beyond.total()) == (17, 4)


def test_codes(recorded_data: Path) -> None:
    """The HMAC below: right ones pass whole, those cut short and changed ones never do."""
    hmac = HMACAlgorithm(HMACAlgorithm.SHA256)
    counts: Counter[tuple[str, int, bool]] = Counter()
    for group in groups(recorded_data, "hmac_sha256"):
        for test in group["tests"]:
            key, message, tag = (bytes.fromhex(test[name]) for name in ("key", "msg", "tag"))
            counts[test["result"], group["tagSize"], hmac.verify(message, key, tag)] += 1

    assert counts == {
        ("valid", 256, True): 33,
        ("valid", 128, False): 33,  # a signature is never cut short
        ("invalid", 256, False): 54,
        ("invalid", 128, False): 54,
    }
