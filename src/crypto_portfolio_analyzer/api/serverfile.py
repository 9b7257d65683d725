"""How the owner's own commands find and enter the running server: a file only the owner can read."""

import os
import stat
from pathlib import Path

import msgspec
from msgspec import Struct

SERVER_FILE = "server.json"


class ServerFile(Struct, frozen=True):
    """Address, key and process of a running server."""

    url: str
    token: str
    pid: int
    version: str


def write_server_file(path: Path, url: str, token: str, version: str) -> None:
    """Tell the owner's commands where the server is; never readable by others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(handle, "wb") as out:
        out.write(msgspec.json.encode(ServerFile(url, token, os.getpid(), version)))
    part.replace(path)


def find_server(folder: Path) -> ServerFile | None:
    """Return how to reach the server that runs on the data in `folder`; None if none does."""
    try:
        found = msgspec.json.decode((folder / SERVER_FILE).read_bytes(), type=ServerFile)
        os.kill(found.pid, 0)  # asks only whether the process lives: a crash leaves the file behind
    except (FileNotFoundError, PermissionError, ProcessLookupError, msgspec.DecodeError):
        return None
    return found
