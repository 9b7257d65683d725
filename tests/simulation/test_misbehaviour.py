"""Misbehaviour: each kind is as bad as it says, to a client that is none of ours."""

import asyncio

import pytest

from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from crypto_portfolio_analyzer.simulation.receivers import Receiver

REQUEST = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"


async def answer(kind: Bad, limit: int = 1 << 20) -> bytes:
    """Return what a raw connection reads until its end, at most `limit` bytes; a reset ends with a mark."""
    async with Receiver() as receiver:
        receiver.always = Misbehaviour(kind, 418, {"X-A": "b"}, "teapot")
        reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
        writer.write(REQUEST)
        read = b""
        try:
            async with asyncio.timeout(2):
                while len(read) < limit and (chunk := await reader.read(65_536)):
                    read += chunk
        except ConnectionResetError:
            read += b" RESET"
        except TimeoutError:
            read += b" SILENCE"
        writer.transport.abort()
        assert receiver.received[0].body == b"hi"
        return read


@pytest.mark.parametrize(
    ("kind", "begins", "ends"),
    [
        (Bad.BAD_GZIP, b"HTTP/1.1 200 OK\r\n", b"not gzip"),
        (Bad.SHORT_BODY, b"HTTP/1.1 200 OK\r\n", b"\r\n\r\nshort"),
        (Bad.RESET_IN_HEADERS, b"HTTP/1.1 200 OK\r\n", b"Content-Le"),
        (Bad.GARBAGE, b"220 mail", b"ESMTP\r\n\r\n"),
        (Bad.RESET, b"", b""),
        (Bad.SILENT, b" SILENCE", b" SILENCE"),
        (Bad.HUGE_BODY, b"HTTP/1.1 200 OK\r\n", b"x"),
    ],
)
async def test_what_comes_is_as_bad_as_said(kind, begins, ends):
    read = await answer(kind)

    assert read.startswith(begins)
    assert read.endswith((ends, b" RESET"))


@pytest.mark.parametrize("kind", [Bad.SLOW_BODY, Bad.SLOW_HEADERS])
async def test_a_slow_one_sends_a_byte_a_second(kind):
    read = (
        (await answer(kind))
        .removesuffix(b" SILENCE")
        .removeprefix(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n")
    )

    assert len(read.removeprefix(b"Content-Length: 60\r\n\r\n")) in (1, 2, 3)


async def test_a_status_of_choice():
    read = await answer(Bad.STATUS, limit=10)

    assert read.startswith(b"HTTP/1.1 418")
    assert b"X-A: b" in read
    assert read.endswith(b"teapot")
