"""One request and what becomes of it: every class of response as the table has it, without a word of the URL."""

import errno
import socket
import ssl
import traceback
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from crypto_portfolio_analyzer.channels.guard import Guard
from crypto_portfolio_analyzer.channels.http import (
    MAX_BODY,
    Answer,
    Patience,
    ask,
    read_json,
    require_accepted,
    retry_after,
)
from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.errors import DeliveryFailed
from crypto_portfolio_analyzer.simulation.certificates import Authority
from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from crypto_portfolio_analyzer.simulation.receivers import Receiver
from tests.channels.sending import LOOPBACK
from tests.channels.test_guard import Resolver
from tests.fakes import NOON

CANARY = "canary-7d1f-in-the-path"
QUICK = Patience(0.3, 0.5)
CONFIG = (400, 401, 403, 404, 405, 422)
LATER = (408, 425, 429, 500, 502, 503, 504, 507, 522, 599)
OTHER = (101, 402, 406, 409, 413, 415, 418, 423, 426, 451)


async def sent(url: str, *, guard: Guard | None = None, wants_body: bool = False) -> Answer:
    async with (guard or Guard(LOOPBACK)).session() as session:
        return await ask(session, url, b"{}", {"X-Key": CANARY}, patience=QUICK, wants_body=wants_body)


async def failure(url: str, *, guard: Guard | None = None, wants_body: bool = False) -> DeliveryFailed:
    """Return how a request fails, after a look for the canary everywhere in it."""
    with pytest.raises(DeliveryFailed) as caught:
        require_accepted(await sent(url, guard=guard, wants_body=wants_body), NOON)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + str(vars(caught.value))
    assert CANARY not in told
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    return caught.value


def facts(failed: DeliveryFailed) -> tuple[str, bool, bool, bool, bool]:
    """Return error, transient, disables, is_config, is_unknown."""
    return failed.error, failed.transient, failed.disables, failed.is_config, failed.is_unknown


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206, 299])
async def test_any_2xx_is_accepted(status):
    async with Receiver() as receiver:
        receiver.always = Misbehaviour(Bad.STATUS, status)

        require_accepted(await sent(receiver.url), NOON)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308, *OTHER])
async def test_a_status_that_is_no_success_is_a_failure(status):
    async with Receiver() as receiver:
        receiver.always = Misbehaviour(Bad.STATUS, status, {"Location": "/", "Retry-After": "7"})
        failed = await failure(f"{receiver.url}/{CANARY}")

    assert facts(failed) == ("status", True, False, False, False)
    assert (failed.status, failed.retry_after) == (status, None)


@pytest.mark.parametrize("status", CONFIG)
async def test_the_owner_has_something_to_put_right(status):
    async with Receiver() as receiver:
        receiver.always = Misbehaviour(Bad.STATUS, status)
        failed = await failure(f"{receiver.url}/{CANARY}")

    assert facts(failed) == ("status", True, False, True, False)


async def test_410_is_the_end():
    async with Receiver() as receiver:
        receiver.always = Misbehaviour(Bad.STATUS, 410)
        failed = await failure(f"{receiver.url}/{CANARY}")

    assert facts(failed) == ("status", False, True, False, False)


@pytest.mark.parametrize("status", LATER)
async def test_later_means_when_it_says(status):
    async with Receiver() as receiver:
        receiver.always = Misbehaviour(Bad.STATUS, status, {"Retry-After": "120"})
        failed = await failure(f"{receiver.url}/{CANARY}")

    assert facts(failed) == ("status", True, False, False, False)
    assert failed.retry_after == 120.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("0", 0.0), ("1", 1.0), (" 30 ", 30.0), ("86400", 86_400.0), ("999999", 86_400.0), ("1.5", 1.5)),
        *(
            ("", None),
            ("-5", None),
            ("soon", None),
            ("nan", None),
            ("inf", None),
            ("1e9", None),
            ("1_0", None),
        ),
        *(("٣٠", None), ("9" * 5000, None), ("Fri, 99 Nov 2026 12:00:00 GMT", None)),
        (format_datetime(datetime(2026, 11, 20, 12, 2, tzinfo=UTC), usegmt=True), 120.0),
        (format_datetime(datetime(2026, 11, 20, 11, 0, tzinfo=UTC), usegmt=True), 0.0),
        (
            format_datetime(datetime(2026, 11, 20, 12, 0, tzinfo=UTC) + timedelta(days=9), usegmt=True),
            86_400.0,
        ),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_a_day_at_most(text, seconds):
    assert retry_after(text, NOON) == seconds


@pytest.mark.parametrize("kind", [Bad.SLOW_BODY, Bad.HUGE_BODY, Bad.BAD_GZIP, Bad.SHORT_BODY])
async def test_what_was_accepted_stays_so_whatever_its_body_does(kind):
    async with Receiver() as receiver:
        receiver.always = Misbehaviour(kind)
        answer = await sent(receiver.url)

    require_accepted(answer, NOON)
    assert answer.body == b""


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (Bad.SLOW_BODY, "timeout_read"),
        (Bad.HUGE_BODY, "too_large"),
        (Bad.SHORT_BODY, "bad_answer"),
        (Bad.BAD_GZIP, ""),
    ],
)
async def test_a_body_that_is_wanted_is_read_as_far_as_it_goes(kind, fault):
    async with Receiver() as receiver:
        receiver.always = Misbehaviour(kind)
        answer = await sent(receiver.url, wants_body=True)

    assert answer.fault == fault
    assert len(answer.body) <= MAX_BODY
    if kind is Bad.HUGE_BODY:
        assert len(answer.body) == MAX_BODY


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Bad.SILENT, "timeout_read"),
        (Bad.SLOW_HEADERS, "timeout_read"),
        (Bad.RESET, "reset"),
        (Bad.RESET_IN_HEADERS, "reset"),
        (Bad.GARBAGE, "bad_answer"),
    ],
)
async def test_what_was_written_may_have_arrived(kind, error):
    async with Receiver() as receiver:
        receiver.always = Misbehaviour(kind)
        failed = await failure(f"{receiver.url}/{CANARY}")

        assert len(receiver.received) == 1
    assert facts(failed) == (error, True, False, False, True)


async def test_headers_without_end_are_no_answer():
    async with Receiver() as receiver:
        receiver.always = Misbehaviour(Bad.STATUS, 200, {"X-Long": "x" * 70_000})
        failed = await failure(f"{receiver.url}/{CANARY}")

    assert facts(failed) == ("bad_answer", True, False, False, True)


async def test_nobody_listens():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        failed = await failure(f"http://127.0.0.1:{taken.getsockname()[1]}/{CANARY}")

    assert facts(failed) == ("refused", True, False, False, False)


@contextmanager
def deaf():
    """Yield the port of a listener that takes no connection: its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            assert each.connect_ex(listener.getsockname()) in (0, errno.EINPROGRESS)
        yield listener.getsockname()[1]
        for each in waiting:
            each.close()


async def test_no_connection_comes_about():
    with deaf() as port:
        failed = await failure(f"http://127.0.0.1:{port}/{CANARY}")

    assert facts(failed) == ("timeout_connect", True, False, False, False)


async def test_no_tls_handshake_comes_about():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(5)
        failed = await failure(f"https://127.0.0.1:{listener.getsockname()[1]}/{CANARY}")

    assert facts(failed) == ("timeout_connect", True, False, False, False)


async def test_no_tls_is_spoken_there():
    async with Receiver() as receiver:
        failed = await failure(f"https://127.0.0.1:{receiver.port}/{CANARY}")

        assert len(receiver.received) == 0
    assert facts(failed) == ("tls", True, False, False, False)


async def test_a_name_that_cannot_be_resolved():
    failed = await failure(f"https://nowhere.example/{CANARY}", guard=Guard(resolver=Resolver(())))

    assert facts(failed) == ("dns", True, False, False, False)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "inner.example"])
async def test_a_blocked_address_is_final_and_the_owners_to_put_right(host):
    failed = await failure(f"https://{host}/{CANARY}", guard=Guard(resolver=Resolver(("127.0.0.1",))))

    assert facts(failed) == ("blocked", False, False, True, False)


class Tls:
    """A server with a certificate of choice, and what trusts its authority."""

    def __init__(self, folder, **certificate):
        self.authority = Authority(folder, SystemClock().now())
        self.server: ssl.SSLContext = self.authority.server(**{"host": "127.0.0.1"} | certificate)
        self.guard = Guard(LOOPBACK, trust=self.authority.trust)


async def test_a_good_certificate_is_taken(tmp_path):
    tls = Tls(tmp_path)
    async with Receiver(tls=tls.server) as receiver:
        require_accepted(await sent(receiver.url, guard=tls.guard), NOON)


@pytest.mark.parametrize(
    "certificate",
    [{"age": 2}, {"host": "other.example"}, {"signed": False}],
    ids=["expired", "other name", "self-signed"],
)
async def test_a_bad_certificate_is_final_and_the_owners_to_put_right(tmp_path, certificate):
    tls = Tls(tmp_path, **certificate)
    async with Receiver(tls=tls.server) as receiver:
        failed = await failure(f"{receiver.url}/{CANARY}", guard=tls.guard)

        assert len(receiver.received) == 0
    assert facts(failed) == ("tls", False, False, True, False)


def test_a_body_that_says_nothing_is_read_as_nothing():
    for body in (b"", b"[]", b"{", b'{"a": "x"}', b"[" * 100_000, b"\xff"):
        assert read_json(body, dict[str, int]) == {}
    assert read_json(b'{"a": 1}', dict[str, int]) == {"a": 1}
