"""Plugins are found by name; a wrong name is answered with the nearest right one."""

import sys
from pathlib import Path

import pytest

from crypto_portfolio_analyzer.core.venues import EXCHANGES
from crypto_portfolio_analyzer.errors import UnknownName
from crypto_portfolio_analyzer.registry import Registry


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with two plugins, imported by nobody yet."""
    folder = tmp_path / "fruit_plugins"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    for name in ("apple", "pear"):
        text = f"from {__name__} import FRUIT\nFRUIT({name!r})(type({name!r}, (), {{}}))\n"
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(
        sys.modules, __name__, sys.modules.get(__name__) or sys.modules["tests.test_registry"]
    )
    return "fruit_plugins"


FRUIT: Registry[type] = Registry("fruit", "fruit_plugins")


def test_a_package_is_scanned_on_the_first_look(package: str) -> None:
    assert package not in sys.modules
    assert FRUIT.names() == list(FRUIT) == ["apple", "pear"]
    assert FRUIT["apple"].__name__ == "apple"
    assert "pear" in FRUIT
    assert "plum" not in FRUIT


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'binance'") as caught:
        EXCHANGES["binanze"]
    assert caught.value.nearest == "binance"
    assert set(caught.value.known) == set(EXCHANGES.names())


def test_the_decorator_keeps_what_it_decorates() -> None:
    shapes: Registry[type] = Registry("shape", "crypto_portfolio_analyzer.dashboard")

    @shapes("square")
    class Square:
        """A plugin."""

    assert shapes["square"] is Square
