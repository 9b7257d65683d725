"""YAML from anybody: values with their places, and nothing that costs more than its size."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.engine.yamlfiles import MOST_BYTES, Place, read_yaml
from crypto_portfolio_analyzer.errors import InvalidFields


def refusal(text: str | bytes) -> str:
    with pytest.raises(InvalidFields) as caught:
        read_yaml(text if isinstance(text, bytes) else text.encode())
    return str(caught.value)


def test_values_come_with_their_places():
    read = read_yaml(b"version: 1\nalerts:\n  - name: a\n    rearm: {percent: 0.2}\n    tags: [x, y]\n")

    assert read.value == {
        "version": 1,
        "alerts": [{"name": "a", "rearm": {"percent": 0.2}, "tags": ["x", "y"]}],
    }
    assert read.place("alerts[0].name") == Place(3, 5)
    assert read.place("alerts[0].rearm.percent") == Place(4, 13)
    assert read.place("alerts[0].tags[1]") == Place(5, 15)
    assert read.place("alerts[0].condition") == Place(3, 5), "what is missing is missing from something"
    assert str(read.place("alerts[7]")) == "line 2, column 1"


def test_an_empty_file_is_nothing():
    assert read_yaml(b"").value is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: &x 1\nb: *x\n", "line 1, column 4: is an anchor or an alias"),
        ("a: !!python/object/apply:os.system [x]\n", "line 1, column 4: has the type"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1: begins a second document"),
        ("a: b: c\n", "line 1, column 5: is no YAML: mapping values are not allowed"),
        ("a: [1\n", "line 2, column 1: is no YAML"),
        ("\ta: 1\n", "line 1, column 1: is no YAML"),
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: a: stands here a second time"),
        ("? [1]\n: 2\n", "line 1, column 3: has a key that is no name"),
        ("a: 2026-99-01\n", "line 1, column 1: a: '2026-99-01' cannot be read"),
        ("a: \x07\n", "line 1, column 1: holds a control character"),
        (b"a: 1\nb: \xff\n", "line 2, column 1: is no text"),
        ("x" * (MOST_BYTES + 1), "line 1, column 1: 5,000,001 bytes are too many"),
    ],
)
def test_what_has_no_place_in_a_file_is_refused_at_its_place(text: str | bytes, told: str):
    assert refusal(text).startswith(told)


@pytest.mark.parametrize("text", ["[" * 1_000_000, "{a: " * 100_000, "- " * 500_000, "a: " + "[" * 9])
def test_depth_is_bounded_and_costs_no_time(text: str):
    began = time.process_time()

    assert "is nested too deep" in refusal(text) or "is no YAML" in refusal(text)
    assert time.process_time() - began < 5


def test_an_alias_bomb_is_refused_before_it_is_built():
    bomb = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 8)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )

    assert "is an anchor or an alias" in refusal(bomb)


@given(st.text(alphabet=st.sampled_from("ab:-[]{}\n \t'\"#&*!|>%@`,?0.~"), max_size=60))
def test_whatever_stands_in_a_file_it_is_read_or_refused_with_a_place(text: str):
    try:
        read = read_yaml(text.encode())
    except InvalidFields as error:
        lines = str(error).split("\n")
        assert lines[0].startswith("line ")
    else:
        assert read.place("") == Place(1, 1) or read.value is not None
