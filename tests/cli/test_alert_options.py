"""Options told once: a command that asks for them takes them all, and its own."""

import inspect

from crypto_portfolio_analyzer.cli.alert_options import FIELDS, asking


def test_a_command_gets_the_options_beside_its_own():
    @asking(FIELDS)
    def command(alert: str, *, as_json: bool = False, **options: object) -> dict[str, object]:
        return {"alert": alert, "as_json": as_json, **options}

    names = list(inspect.signature(command).parameters)

    assert names == ["alert", *FIELDS, "as_json"]
    assert command("a", condition="x") == {"alert": "a", "as_json": False, "condition": "x"}
