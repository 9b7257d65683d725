"""What goes on beside the conversation: a fault in it is logged, and ends nothing else."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

from crypto_portfolio_analyzer.errors import AnalyzerError
from crypto_portfolio_analyzer.tasks import Nursery

logger = logging.getLogger(__name__)

P = ParamSpec("P")


class Beside:
    """Runs work in a nursery that none of it can bring down."""

    def __init__(self, nursery: Nursery) -> None:
        self._nursery = nursery

    def spawn(
        self, act: Callable[P, Coroutine[Any, Any, Any]], *arguments: P.args, **named: P.kwargs
    ) -> asyncio.Task[Any]:
        """Run `act` until it ends, fails, or everything stops."""

        async def kept() -> None:
            try:
                await act(*arguments, **named)
            except AnalyzerError as error:
                logger.warning("the bot could not go on", extra={"why": str(error)[:200]})
            except Exception:  # the supervisor: one that fails must not end the others
                logger.exception("the bot failed beside the conversation")

        return self._nursery.spawn(kept(), name=act.__qualname__)
