"""Proofs: that the owner of a channel holds its other end, by a code that was sent there. Pure but for the dice."""

import hashlib
import secrets
from collections.abc import Mapping

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.notices.notification import Channel
from crypto_portfolio_analyzer.core.timeframes import MINUTE
from crypto_portfolio_analyzer.errors import InvalidInput

PROOF = "_proof"
"""The option under which a question is kept until it is answered; shown to nobody."""
LIFETIME = 15 * MINUTE
TRIES = 5
_WRONG = "this is not the code, or it is too late"


def new_code(*, for_people: bool) -> str:
    """Return a code: eight digits to be typed, 192 bits to be echoed."""
    return f"{secrets.randbelow(10**8):08}" if for_people else secrets.token_urlsafe(24)


def asked(channel: Channel, code: str, now: int) -> Channel:
    """Return a channel that waits for a code."""
    question = {"hash": _hash(channel, code), "until": now + LIFETIME, "tries": 0}
    return replace(channel, verified_at=None, options={**channel.options, PROOF: question})


def answered(channel: Channel, code: str, now: int) -> Channel:
    """Return a channel after an answer: proved, or with one try less."""
    question = channel.options.get(PROOF)
    if not isinstance(question, Mapping):
        raise InvalidInput("nothing was asked of this channel; ask for a code first")
    rest = {name: value for name, value in channel.options.items() if name != PROOF}
    if now >= question["until"] or question["tries"] >= TRIES:
        raise InvalidInput("the code is too old, or was tried too often; ask for a new one")
    if secrets.compare_digest(_hash(channel, code.strip()), str(question["hash"])):
        return replace(channel, verified_at=now, options=rest)
    more = {**question, "tries": question["tries"] + 1}
    return replace(channel, options={**rest, PROOF: more})


def refuse(channel: Channel) -> None:
    """Raise InvalidInput if an answer did not prove a channel."""
    if channel.verified_at is None:
        raise InvalidInput(_WRONG)


def _hash(channel: Channel, code: str) -> str:
    return hashlib.sha256(f"{channel.id}:{code}".encode()).hexdigest()
