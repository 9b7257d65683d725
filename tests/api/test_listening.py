"""Addresses to listen on."""

import os
import socket

import pytest

from crypto_portfolio_analyzer.api.listening import free_port, listen, owner_of
from crypto_portfolio_analyzer.api.wire import LiveProtocol
from crypto_portfolio_analyzer.errors import ConfigError, PortTaken
from tests.api.house import House


def close(opened: list[socket.socket]) -> None:
    for each in opened:
        each.close()


def test_every_address_of_a_name_listens_on_one_port() -> None:
    opened = listen("localhost", 0)
    ports = {each.getsockname()[1] for each in opened}
    close(opened)

    assert len(ports) == 1
    assert opened


async def test_small_answers_are_sent_at_once(house: House) -> None:
    async with house.socket() as socket_of_client:
        await socket_of_client.hear()
        [client] = house.server.doors.hub.clients.values()
        assert isinstance(client.wire, LiveProtocol)
        served = client.wire.transport.get_extra_info("socket")

        assert served.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_a_taken_port_names_who_has_it() -> None:
    opened = listen("127.0.0.1", 0)
    port = opened[0].getsockname()[1]
    try:
        with pytest.raises(PortTaken) as caught:
            listen("127.0.0.1", port)
    finally:
        close(opened)

    assert caught.value.owner is not None
    assert f"(pid {os.getpid()})" in caught.value.owner
    assert str(port) in str(caught.value)


def test_nobody_owns_a_free_port() -> None:
    opened = listen("127.0.0.1", 0)
    port = opened[0].getsockname()[1]
    close(opened)

    assert owner_of(port) is None


def test_the_next_free_port_is_found() -> None:
    opened = listen("127.0.0.1", 0)
    port = opened[0].getsockname()[1]
    found = free_port("127.0.0.1", port)
    close(opened)

    assert found > port


@pytest.mark.parametrize(("host", "port"), [("no.such.host.invalid", 0), ("192.0.2.77", 0)])
def test_hosts_that_are_not_ours_are_refused_with_a_remedy(host: str, port: int) -> None:
    with pytest.raises(ConfigError, match="localhost"):
        listen(host, port)
