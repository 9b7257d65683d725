"""`deliveries`: asked without a server too; mistakes say what would be right."""

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Data of its own, and no server."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def test_the_log_is_read_without_a_server(cli):
    listed = cli("deliveries", "list", "--state", "dead", "--since", "2h", "--kind", "firing", "--json")
    law = cli("deliveries", "law", "--json")
    nothing = cli("deliveries", "redeliver", "--since", "1d", "--dry-run", "--json")

    assert listed.document == {"deliveries": []}
    assert law.document["holds"] is True
    assert (nothing.document["found"], nothing.document["dry_run"]) == (0, True)
    assert listed.exit_code == law.exit_code == nothing.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (("list", "--state", "gone"), 2, "state"),
        (("list", "--since", "soon"), 2, "since"),
        (("list", "--channel", "nobody"), 3, "no channel 'nobody'"),
        (("show", "17"), 3, "no delivery 17"),
        (("show", "unknown"), 3, "no delivery 'unknown'"),
        (("redeliver",), 2, "nothing to send again"),
        (("redeliver", "17", "--since", "1h"), 2, "both names and a span"),
        (("redeliver", "17"), 3, "no delivery 17"),
    ],
)
def test_mistakes_say_what_would_be_right(cli, arguments, exit_code, said):
    told = cli("deliveries", *arguments)

    assert told.exit_code == exit_code, told.err
    assert said in told.err
    assert any(line.startswith("  fix  ") for line in told.err.splitlines())
