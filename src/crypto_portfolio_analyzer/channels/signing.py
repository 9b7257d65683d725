"""Signing what programs are sent, by Standard Webhooks 1.0 (standard-webhooks/standard-webhooks)."""

import base64
import binascii
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from standardwebhooks import Webhook

from crypto_portfolio_analyzer.channels.options import Options

PREFIX = "whsec_"
KEPT = ("old_secret", "old_until")
"""Options that a rotation leaves: the former secret, and until when (ns UTC) it signs beside the new one."""
_BYTES = 32
_SIZES = range(24, 65)


def new_secret() -> str:
    """Return a fresh signing secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def read_secret(options: Options) -> None:
    """Read the option `secret`, however much of its form was left out; one is made if none was given."""
    given = options.text("secret")
    try:
        options.keep("secret", _normal(given) if given else new_secret())
    except ValueError:
        remedy = f"write {PREFIX} and base64 of {_SIZES.start} to {_SIZES.stop - 1} bytes, or leave it out"
        options.fault("secret", "it cannot sign", remedy)


def signed(key: str, body: str, options: Mapping[str, object], now: int) -> dict[str, str]:
    """Return the standard's headers of a message at an instant (ns UTC).

    During a rotation the old secret signs beside the new one.
    """
    seconds = now // 10**9
    keys = [str(options["secret"])]
    if options.get("old_secret") and now < int(str(options.get("old_until") or 0)):
        keys.append(str(options["old_secret"]))
    at = datetime.fromtimestamp(seconds, UTC)
    return {
        "webhook-id": key,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(Webhook(each).sign(key, at, body) for each in keys),
    }


def _normal(text: str) -> str:
    """Return a secret as the standard writes it; raises ValueError."""
    bare = text.removeprefix(PREFIX)
    try:
        key = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except binascii.Error:
        raise ValueError from None
    if len(key) not in _SIZES:
        raise ValueError
    return PREFIX + base64.b64encode(key).decode()
