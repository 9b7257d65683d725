"""The server as a whole: how it starts, where it says it is, how it ends."""

import socket
import time
from pathlib import Path

import pytest

from crypto_portfolio_analyzer.api.server import Server
from crypto_portfolio_analyzer.api.serverfile import find_server
from crypto_portfolio_analyzer.errors import PortTaken
from tests.api.house import House, open_house


async def test_commands_find_the_running_server_and_no_other(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        found = find_server(tmp_path)
        assert found is not None
        async with house.client(authorization=f"Bearer {found.token}") as client:
            answer = await client.get(f"{found.url}/api/symbols")

    assert answer.status_code == 200
    assert find_server(tmp_path) is None


async def test_a_taken_port_fails_before_anything_starts(house: House) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortTaken):
            await Server(house.app, host="127.0.0.1", port=taken.getsockname()[1]).start()


async def test_it_ends_quickly_with_clients_connected(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        connecting = house.socket()
        client = await connecting.__aenter__()
        await client.hear()
        started = time.monotonic()
        await house.server.stop()
        took = time.monotonic() - started
        await connecting.__aexit__(None, None, None)

    assert took < 0.8


async def test_it_can_be_stopped_twice(house: House) -> None:
    await house.server.stop()
    await house.server.stop()


async def test_it_serves_https(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    async with open_house(tmp_path) as house:
        await house.server.stop()
        async with Server(house.app, host="127.0.0.1", port=0, tls=(certificate, key)) as server:
            page = await https_get(server, certificate)

    assert server.url.startswith("https://")
    assert page == 200


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Make a certificate of this machine's address."""
    import subprocess  # only this test needs it

    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command.split(), *names], check=True, capture_output=True)
    return certificate, key


async def https_get(server: Server, certificate: Path) -> int:
    """Ask for the page over TLS, trusting this certificate only."""
    import ssl

    import httpx2

    trusted = ssl.create_default_context(cafile=str(certificate))
    async with httpx2.AsyncClient(verify=trusted) as client:
        return int((await client.get(f"{server.url}/health")).status_code)
