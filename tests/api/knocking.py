"""A plain HTTP/1.1 client for thousands of questions of which only the status matters."""

import asyncio
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

AT_ONCE = 4


async def knock(url: str, doors: Iterable[tuple[str, str]], headers: Mapping[str, str]) -> list[int]:
    """Ask for every `(method, target)`, a few at a time; return the statuses in order."""
    waiting = list(enumerate(doors))[::-1]
    found: dict[int, int] = {}

    async def ask() -> None:
        address = urlsplit(url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        told = {"Host": address.netloc, "Content-Length": "0", **headers}
        rest = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        while waiting:
            place, (method, target) = waiting.pop()
            writer.write(f"{method} {target} HTTP/1.1\r\n{rest}\r\n".encode("latin-1"))
            found[place] = await _status(reader)
        writer.close()

    await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
    return [found[place] for place in range(len(found))]


async def _status(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    if "chunked" in fields.get("transfer-encoding", ""):
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        await reader.readexactly(int(fields.get("content-length", 0)))
    return int(head[0].split()[1])
