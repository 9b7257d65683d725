"""Simulated certificates: good ones are trusted, each bad one for its own reason not."""

import ssl

import aiohttp
import pytest

from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.simulation.certificates import Authority
from crypto_portfolio_analyzer.simulation.receivers import Receiver


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path, SystemClock().now())


async def shaken(authority, server, trust=None):
    """Return the status of a request, or why the client would not."""
    async with Receiver(tls=server) as receiver, aiohttp.ClientSession() as session:
        try:
            async with session.get(receiver.url, ssl=trust or authority.trust) as response:
                return response.status
        except aiohttp.ClientConnectorCertificateError as error:
            return str(error.certificate_error)


async def test_a_good_one_is_trusted_by_who_trusts_its_authority(authority, tmp_path):
    server = authority.server("127.0.0.1")

    assert await shaken(authority, server) == 204
    stranger = Authority(tmp_path, SystemClock().now()).trust
    assert "verify failed" in str(await shaken(authority, server, stranger))


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        ({"age": 2}, "expired"),
        ({"host": "other.example"}, "IP address mismatch"),
        ({"signed": False}, "self-signed"),
    ],
)
async def test_a_bad_one_is_refused_for_its_reason(authority, certificate, reason):
    server = authority.server(**{"host": "127.0.0.1"} | certificate)

    assert reason in str(await shaken(authority, server)).replace("self signed", "self-signed")


def test_a_server_context_is_one(authority):
    assert authority.server("a.example").protocol is ssl.PROTOCOL_TLS_SERVER
