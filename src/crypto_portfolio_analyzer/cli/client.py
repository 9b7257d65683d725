"""Asking the running server: found by its file in the data folder, or where the user says it is."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from crypto_portfolio_analyzer.api.serverfile import ServerFile, find_server
from crypto_portfolio_analyzer.cli.failures import FAILED, MISUSED, NOT_FOUND, TIMED_OUT, UNREACHABLE, Failed

PATIENCE = 5.0
"""Seconds that a server may take to answer."""
NO_CONTENT = 204
_EXIT_CODES = {404: NOT_FOUND, 422: MISUSED, 400: MISUSED}


class Client:
    """One server, by its address; `token` lets the owner's own commands in."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url, self._token = url.rstrip("/"), token

    async def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Any:
        """Return the JSON document at `path`.

        Raises:
            Failed: nobody answers (exit 4), too late (5), or the server refuses, in its own words.

        """
        return await self._ask("GET", path, query)

    async def put(self, path: str) -> Any:
        """Change something at `path`; raises Failed like `get`."""
        return await self._ask("PUT", path, None)

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, str | int] | None = None,
        key: str | None = None,
        patience: float | None = None,
    ) -> Any:
        """Change or ask something at `path`, with `body` as JSON; return what comes back, None for nothing.

        Sent again with the same idempotency `key` it is done once.
        Raises Failed like `get`; what takes the server longer may be given more `patience` (seconds).
        """
        return await self._ask(method, path, query, body, key=key, patience=patience)

    async def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | int] | None,
        body: Any = None,
        *,
        key: str | None = None,
        patience: float | None = None,
    ) -> Any:
        patience = PATIENCE if patience is None else patience
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        try:
            async with (
                asyncio.timeout(patience),
                aiohttp.ClientSession(trust_env=False) as session,
                session.request(method, self.url + path, params=query, json=body, headers=headers) as answer,
            ):
                document = await answer.json(content_type=None) if answer.status != NO_CONTENT else None
        except TimeoutError as error:
            raise Failed(
                f"{self.url} took longer than {patience:.0f} s", "crypto-analyzer doctor", exit_code=TIMED_OUT
            ) from error
        except (aiohttp.ClientConnectionError, aiohttp.InvalidURL, OSError) as error:
            raise _unreachable(self.url, str(error)) from error
        except ValueError as error:
            raise Failed(
                f"{self.url} is no server of ours", "check --host and --port", exit_code=UNREACHABLE
            ) from error
        if answer.status >= 400:
            raise _refused(answer.status, document)
        return document


def _unreachable(url: str, why: str) -> Failed:
    return Failed(f"no server answers at {url}", "crypto-analyzer start", exit_code=UNREACHABLE, why=why)


def _refused(status: int, document: Any) -> Failed:
    told = document if isinstance(document, dict) else {}
    what = str(told.get("detail") or told.get("title") or f"the server answered {status}")
    remedy = str(told.get("remedy") or "crypto-analyzer stream status")
    faults = told.get("errors")
    where = [_fault(each) for each in faults if isinstance(each, dict)] if isinstance(faults, list) else []
    if where:
        what = "the server refuses what was sent"
    return Failed(what, remedy, exit_code=_EXIT_CODES.get(status, FAILED), where=where)


def _fault(fault: Mapping[str, Any]) -> str:
    """Write one value that cannot be used, as the server names it."""
    told = f"{fault.get('path')}: {fault.get('problem')}"
    remedy = fault.get("remedy") or fault.get("fix")
    return f"{told}; {remedy}" if remedy else told


def running(data_dir: Path) -> Client | None:
    """Return the server that runs on the data in `data_dir`, if one does."""
    found = find_server(data_dir)
    return Client(found.url, found.token) if found else None


def server_at(data_dir: Path, host: str, port: int, *, secure: bool) -> Client:
    """Return the server at an address; with the owner's token if it is the one that runs on `data_dir`."""
    found = find_server(data_dir)
    shown = f"[{host}]" if ":" in host else host
    url = f"{'https' if secure else 'http'}://{shown}:{port}"
    return Client(url, found.token if found is not None and _is_same(found, port) else None)


def _is_same(found: ServerFile, port: int) -> bool:
    return found.url.endswith(f":{port}")
