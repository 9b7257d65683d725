"""Questions: asked of people, refused where nobody can answer."""

import io
import sys

import pytest

from crypto_portfolio_analyzer.cli.asking import confirmed
from crypto_portfolio_analyzer.cli.failures import Failed
from crypto_portfolio_analyzer.cli.output import Output


class Person(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("typed", "agreed"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_a_person_is_asked(monkeypatch, capsys, typed, agreed):
    monkeypatch.setattr(sys, "stdin", Person(typed))

    assert confirmed(Output(), "This deletes all.", yes=False) is agreed
    assert "This deletes all." in capsys.readouterr().err


def test_yes_answers_beforehand(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    assert confirmed(Output(), "This deletes all.", yes=True)


def test_nobody_to_ask_is_refused_with_the_flag_to_use(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    with pytest.raises(Failed) as caught:
        confirmed(Output(), "This deletes all.", yes=False)

    assert "--yes" in caught.value.problem.fix
    assert caught.value.problem.exit_code == 2
