"""Errors say what, which and what would be right; `transient` says whether trying again can help."""

import inspect

import pytest

from crypto_portfolio_analyzer import errors
from crypto_portfolio_analyzer.errors import (
    AnalyzerError,
    ConfigError,
    ConfigFaults,
    ConnectionLost,
    InvalidInput,
    InvalidSymbol,
    NotFound,
    PortTaken,
    RequestRefused,
    StorageError,
    StorageUnavailable,
    UnknownName,
)

EVERY = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, AnalyzerError)]


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_every_error_says_what_it_is(kind: type[AnalyzerError]) -> None:
    assert kind.__doc__
    assert kind.__name__ in (errors.__doc__ or ""), "the map at the top of the module shows it"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            ConfigError("port", "99999 is too high", "choose 0 to 65535"),
            "port: 99999 is too high; choose 0 to 65535",
        ),
        (InvalidSymbol("??"), "'??' is not a symbol; write it like BTC/USDT, BTCUSDT or BTC"),
        (UnknownName("exchange", "krakn", ["kraken"]), "did you mean 'kraken'?"),
        (UnknownName("exchange", "x", []), "unknown exchange 'x'; known: none"),
        (NotFound("stream", "s1"), "no stream 's1'"),
        (ConnectionLost("binance", "gone", 1006), "binance: gone (close code 1006)"),
        (ConnectionLost("binance", "gone"), "binance: gone"),
        (RequestRefused("kraken", 503, "busy"), "kraken answered 503: busy"),
        (PortTaken("localhost", 8000), "port 8000 on localhost is taken; choose another with --port"),
        (PortTaken("localhost", 8000, "nginx"), "is taken by nginx;"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, AnalyzerError) else "",
)
def test_the_text_is_a_sentence_for_people(error: AnalyzerError, text: str) -> None:
    assert text in str(error)


@pytest.mark.parametrize("status", [408, 418, 425, 429, 500, 503])
def test_a_refusal_that_may_pass_is_transient(status: int) -> None:
    assert RequestRefused("x", status, "later").transient


@pytest.mark.parametrize("status", [400, 401, 403, 404, 451])
def test_a_refusal_that_stays_is_not(status: int) -> None:
    assert not RequestRefused("x", status, "no").transient


def test_what_broke_may_come_back() -> None:
    assert ConnectionLost("x", "y").transient
    assert StorageUnavailable("x").transient
    assert not StorageError("x").transient
    assert not InvalidInput("x").transient


def test_all_faults_of_the_settings_are_told_at_once() -> None:
    faults = ConfigFaults([ConfigError("a", "1", "2"), ConfigError("b", "3", "4")])

    assert str(faults) == "a: 1; 2\nb: 3; 4"
    assert (faults.key, len(faults.faults)) == ("a", 2)


def test_long_texts_of_strangers_are_cut() -> None:
    assert len(str(RequestRefused("x", 500, "y" * 10_000))) < 300
    assert len(str(InvalidSymbol("y" * 10_000))) < 200
    assert len(str(UnknownName("exchange", "y" * 10_000, ["a"]))) < 200


def test_the_nearest_name_is_found_in_any_case() -> None:
    assert UnknownName("symbol", "btcc", ["ETH", "BTC"]).nearest == "BTC"
    assert UnknownName("exchange", "BINANSE", ["kraken", "binance"]).nearest == "binance"
