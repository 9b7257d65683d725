"""Writes `docs/reference/limits.md` from constants and settings; a test asks whether it is up to date."""

from collections.abc import Iterator
from pathlib import Path

from crypto_portfolio_analyzer.api import (
    attempts,
    bodies,
    clients,
    connections,
    dialogue,
    live,
    once,
    rates,
    server,
    tickets,
)
from crypto_portfolio_analyzer.core.timeframes import HOUR
from crypto_portfolio_analyzer.settings.tree import known_settings
from crypto_portfolio_analyzer.storage import api_tokens, idempotency

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "limits.md"
HEAD = """# Limits

Written by `tools/limits_reference.py` from the code; what is over a limit is refused as said here, with a remedy.

Every answer over HTTP tells its rate: `RateLimit-Limit` requests a minute, `RateLimit-Remaining` of them, all again in
`RateLimit-Reset` seconds. Of the two rates a request is counted in, the user's is told if there is one.
With `redis_url` set, several processes count together; when Redis is gone each counts for itself, and says so once.
The local admin is not bound by quotas, and whoever shows the local admin's token not by rates.
"""
Row = tuple[str, str, str, str]


def page() -> str:
    """Return the whole page."""
    parts = [HEAD]
    for title, rows in (("Rates", _rates()), ("Requests", _requests()), ("Things of one owner", _quotas())):
        parts.append(_table(title, rows))
    parts.append(_table("The WebSocket", _socket()))
    return "\n".join(parts)


def _table(title: str, rows: Iterator[Row]) -> str:
    lines = [f"## {title}", "", "| what | limit | over it | changed by |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])


def _default(key: str) -> str:
    return next(each.default for each in known_settings() if each.key == key)


def _set(what: str, key: str, over: str) -> Row:
    return what, _default(key), over, f"`{key}`"


def _rates() -> Iterator[Row]:
    yield _set("requests a minute of one user, over all tokens and logins", "requests_per_minute", "429")
    yield _set(
        "requests a minute from one address (IPv6: one /64), handshakes of sockets too",
        "address_requests_per_minute",
        "429",
    )
    free = f"{attempts.FREE}, then each doubles the wait up to {attempts.LONGEST_SECONDS:g} s"
    yield "failed logins of one name, or from one address", free, "429", ""
    yield (
        "wait for Redis to count",
        f"{rates.PATIENCE:g} s, then not asked for {rates.AWAY:g} s",
        "counted here",
        "",
    )


def _requests() -> Iterator[Row]:
    yield "body", f"{bodies.MOST_BODY_BYTES} bytes", "413", ""
    yield "time for the body", f"{bodies.BODY_SECONDS:g} s", "408", ""
    yield "head", f"{connections.MOST_HEAD_BYTES} bytes", "400", ""
    yield "time for the head", f"{connections.HEAD_SECONDS:g} s", "408", ""
    held = f"{connections.MOST_CONNECTIONS}"
    yield "connections of one address, this machine aside", held, "429", ""
    yield "depth of JSON", f"{bodies.MOST_DEPTH}", "422", ""
    yield "integers in JSON", f"±{bodies.LARGEST_INTEGER}", "422", ""
    yield "`Idempotency-Key`", f"{once.LONGEST_KEY} visible characters", "422", ""
    yield "a key is known for", f"{idempotency.KEY_LIFETIME // HOUR} h", "made anew", ""
    yield "things on a page (`limit`)", "200, bars 1000", "422", ""


def _quotas() -> Iterator[Row]:
    for kind in ("alerts", "channels", "silences", "watchlists", "hooks", "holdings"):
        yield _set(kind, f"{kind}_per_owner", "422")
    yield "API tokens", f"{api_tokens.MOST_TOKENS}", "422", ""
    yield "unused tickets for the WebSocket", f"{tickets.MOST_OF_ONE}", "429", ""
    yield "a bar of a minute is kept for", f"{_default('retention_days')} days", "deleted", "`retention_days`"


def _socket() -> Iterator[Row]:
    yield "clients", f"{live.MOST_CLIENTS}", "close 1013", ""
    yield "a message", f"{server.MOST_WS_BYTES} bytes", "close 1009", ""
    rate = f"{clients.MESSAGES_PER_SECOND:g} a second, {clients.MESSAGES_BURST:g} at once"
    yield "messages of one client", rate, f"`rate_limited`, after {clients.FORGIVEN} close 1008", ""
    yield "price subscriptions of one client", f"{dialogue.MOST_FORMS}", "`too_many`", ""
    yield "symbols that nobody else watches", f"{dialogue.MOST_WISHES}", "`too_many`", ""
    yield "unsent to one client", f"{clients.MOST_BYTES} bytes", "close 1013", ""
    yield "a client reads nothing for", f"{clients.STALL_SECONDS:g} s", "close 1013", ""


if __name__ == "__main__":
    PAGE.write_text(page())
