"""Options of the command line become the body of a request, each value of its kind."""

from typing import Any

import pytest

from crypto_portfolio_analyzer.cli.channel_options import FIELDS, fields, kinds_of, quiet_hours, value_of
from crypto_portfolio_analyzer.errors import InvalidInput

NOTHING: dict[str, Any] = dict.fromkeys(FIELDS)
KINDS = {"url": "url", "ttl_seconds": "number", "challenge": "flag", "to": "list", "headers": "secret"}


def test_nothing_given_is_nothing_asked():
    assert fields(NOTHING, KINDS) == {}


def test_every_value_is_read_by_its_kind(tmp_path):
    secret = tmp_path / "headers.json"
    secret.write_text('{"x-key": "canary"}\n')
    given = {
        "name": "bot",
        "url": "https://example.org",
        "to": "a@example.org, b@example.org",
        "default": True,
        "enabled": False,
        "quiet_hours": "22:00-07:00",
        "language": "de",
        "option": ["ttl_seconds=30", "challenge=on", "zone=Europe/Berlin"],
        "option_file": [f"headers={secret}"],
    }

    assert fields(NOTHING | given, KINDS) == {
        "name": "bot",
        "url": "https://example.org",
        "to": ["a@example.org", "b@example.org"],
        "default": True,
        "enabled": False,
        "quiet_hours": {"from": "22:00", "until": "07:00", "except": "critical"},
        "language": "de",
        "ttl_seconds": 30,
        "challenge": True,
        "zone": "Europe/Berlin",
        "headers": {"x-key": "canary"},
    }


@pytest.mark.parametrize(("kinds", "name"), [({"chat_id": "text"}, "chat_id"), ({"chat": "text"}, "chat")])
def test_a_chat_goes_by_the_name_its_type_has_for_it(kinds, name):
    assert fields(NOTHING | {"chat": "-100123"}, kinds) == {name: "-100123"}


def test_quiet_hours_can_be_taken_away():
    assert fields(NOTHING | {"quiet_hours": "off"}, {}) == {"quiet_hours": None}


@pytest.mark.parametrize("text", ["22:00", "-07:00", "late", ""])
def test_hours_that_are_none_are_refused(text):
    with pytest.raises(InvalidInput, match="write them like 22:00-07:00"):
        quiet_hours(text)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("60", "number", 60),
        ("-0.5", "number", -0.5),
        ("No", "flag", False),
        ("a,b,", "list", ["a", "b"]),
        ('{"a": 1}', "", {"a": 1}),
        ('{"a": 1}', "long", '{"a": 1}'),
        ("7", "text", "7"),
    ],
)
def test_values(text, kind, value):
    assert value_of("option", text, kind) == value


@pytest.mark.parametrize(("text", "kind"), [("much", "number"), ("perhaps", "flag"), ("{canary", "secret")])
def test_a_value_that_is_none_of_its_kind_is_refused(text, kind):
    with pytest.raises(InvalidInput) as refusal:
        value_of("option", text, kind)

    assert "option" in str(refusal.value)
    assert "canary" not in str(refusal.value), "a secret is not repeated"


@pytest.mark.parametrize("text", ["ttl", "=5", " =5"])
def test_what_is_no_pair_is_refused(text):
    with pytest.raises(InvalidInput, match="key=value"):
        fields(NOTHING | {"option": [text]}, {})


def test_kinds_are_those_of_the_type():
    types: list[dict[str, Any]] = [
        {"name": "a", "options": [{"name": "x", "kind": "flag"}]},
        {"name": "b", "options": []},
    ]

    assert kinds_of(types, "a") == {"x": "flag"}
    assert kinds_of(types, "b") == kinds_of(types, "unknown") == {}
