"""`simulate`: venues on loopback that real adapters can connect to."""

import json
import signal
import socket
import time
import urllib.request

import pytest

from tests.cli.commands.conftest import SOON, first_line


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_it_says_where_each_venue_listens_and_that_it_is_simulated(program):
    process = program("simulate", "--port", "0", "--json", "--quiet")

    venues = [first_line(process) for _ in range(3)]

    assert {venue["exchange"] for venue in venues} == {"binance", "coinbase", "kraken"}
    assert all(venue["simulated"] for venue in venues)
    with urllib.request.urlopen(venues[0]["rest_url"] + "/api/v3/time", timeout=5) as answer:
        assert json.load(answer)["serverTime"] > 0


def test_the_text_names_the_variables_to_paste(program, free_port):
    process = program("simulate", "--exchange", "kraken", "--port", free_port)

    lines = [process.stdout.readline() for _ in range(4)]

    assert lines[0].startswith("SIMULATED market")
    assert lines[2] == f"export CRYPTO_ANALYZER_EXCHANGES__KRAKEN__WS_URL=ws://127.0.0.1:{free_port}\n"


def test_ctrl_c_ends_it_within_a_second(program):
    process = program("simulate", "--port", "0", "--json", "--quiet")
    process.stdout.readline()
    began = time.perf_counter()

    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=5) == 130
    assert time.perf_counter() - began < SOON


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--exchange", "krakn"], "did you mean 'kraken'?"),
        (["--fault", "at=5s clsoe=1006"], "did you mean 'close'?"),
        (["--fault", "at=5s"], "names no kind"),
        (["--symbols", "%%"], "unknown symbol '%%'"),
        (["--time-scale", "0"], "time-scale"),
    ],
)
def test_bad_input_is_named_and_exit_2(cli, arguments, said):
    told = cli("simulate", *arguments)

    assert told.exit_code == 2
    assert said in told.err


def test_a_taken_port_is_exit_4(cli, free_port):
    with socket.create_server(("127.0.0.1", free_port)):
        told = cli("simulate", "--exchange", "kraken", "--port", free_port)

    assert told.exit_code == 4
    assert f"port {free_port}" in told.err
