"""Venues that never happened, on loopback: what `demo`, `simulate` and `stream test` connect to."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from crypto_portfolio_analyzer.clock import Clock, SystemClock
from crypto_portfolio_analyzer.simulation.assets import DEFAULT_SYMBOLS
from crypto_portfolio_analyzer.simulation.faults import Fault
from crypto_portfolio_analyzer.simulation.server import VenueServer
from crypto_portfolio_analyzer.simulation.tape import Tape
from crypto_portfolio_analyzer.simulation.venue import VENUES

LABEL = "SIMULATED"
SEED = 7


class SimulatedVenues:
    """Several venues over one tape; `async with` starts and stops them.

    The first listens on `port`, the others on those after it; 0 means free ones. A fault that names a venue
    happens there only.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        clock: Clock | None = None,
        seed: int = SEED,
        port: int = 0,
        symbols: Sequence[str] = DEFAULT_SYMBOLS,
        faults: Sequence[Fault] = (),
    ) -> None:
        clock = clock or SystemClock()
        self.tape = Tape(seed, symbols or DEFAULT_SYMBOLS, start_at=clock.now())
        self.servers = [
            VenueServer(
                name,
                self.tape,
                clock=clock,
                port=port + number if port else 0,
                faults=[fault for fault in faults if fault.venue in (None, name)],
            )
            for number, name in enumerate(names)
        ]
        self._stack = AsyncExitStack()

    def flags(self) -> dict[str, str]:
        """Return the settings that point the exchanges here."""
        return {
            f"exchanges.{server.name}.{kind}": address
            for server in self.servers
            for kind, address in (("ws_url", server.ws_url), ("rest_url", server.rest_url))
        }

    async def __aenter__(self) -> Self:
        """Listen; raises PortTaken."""
        async with AsyncExitStack() as stack:
            for server in self.servers:
                await stack.enter_async_context(server)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()


def simulated_names(text: str) -> list[str]:
    """Read a comma-separated list of simulated venues, all of them if empty; raises UnknownName."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    for name in names:
        VENUES[name]
    return list(dict.fromkeys(names)) or VENUES.names()


def exports(flags: Mapping[str, str]) -> list[str]:
    """Return shell lines that set `flags` in the environment."""
    return [
        f"export CRYPTO_ANALYZER_{key.upper().replace('.', '__')}={value}" for key, value in flags.items()
    ]
