"""How plugins are found: one file in a package, one decorator, found by name."""

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from typing import Any, Generic, TypeVar

from crypto_portfolio_analyzer.errors import UnknownName

T = TypeVar("T")
P = TypeVar("P")
F = TypeVar("F", bound=Callable[[str], Any])


class Registry(Generic[T]):
    """Names and the plugins behind them.

    The package is scanned on the first look-up, then the entry-point group of the same name, so that
    third-party plugins need no fork.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind, self._package = kind, package
        self._found: dict[str, T] = {}
        self._families: dict[str, Callable[[str], T]] = {}
        self._scanned = False

    def __call__(self, name: str) -> Callable[[P], P]:
        """Register the decorated plugin under `name`."""

        def register(plugin: P) -> P:
            self._found[name] = plugin  # type: ignore[assignment]  # a decorator keeps its exact type
            return plugin

        return register

    def family(self, prefix: str) -> Callable[[F], F]:
        """Register the decorated function as the maker of every plugin called `<prefix>:…`, given the whole name."""

        def register(maker: F) -> F:
            self._families[prefix] = maker
            return maker

        return register

    def __getitem__(self, name: str) -> T:
        """Return the plugin called `name`; raises UnknownName with the nearest known one."""
        self._scan()
        prefix, colon, _rest = name.partition(":")
        if colon and prefix in self._families:
            return self._families[prefix](name)
        try:
            return self._found[name]
        except KeyError:
            raise UnknownName(self.kind, name, self.names()) from None

    def __contains__(self, name: object) -> bool:
        self._scan()
        return name in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def names(self) -> list[str]:
        """Return every registered name, sorted."""
        self._scan()
        return sorted(self._found)

    def _scan(self) -> None:
        if self._scanned:
            return
        self._scanned = True
        package = import_module(self._package)
        for module in iter_modules(package.__path__):
            import_module(f"{self._package}.{module.name}")
        for point in entry_points(group=self._package):
            self._found.setdefault(point.name, point.load())
