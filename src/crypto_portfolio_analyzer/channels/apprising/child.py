"""The process that Apprise lives in: jobs come in as JSON lines, answers go out the same way.

An audit hook stands at every connection, whatever library makes it and whatever name or redirect led there; it also
refuses to run programs and to open files that are not the program's own. What comes in is hostile, the code is not:
against the code itself a hook would be no wall. Arguments are the operator's networks.
"""

import json
import os
import ssl
import sys
import sysconfig
import threading
import time
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import apprise
import requests
import urllib3.exceptions

from crypto_portfolio_analyzer.channels.addresses import may_connect
from crypto_portfolio_analyzer.channels.apprising.schemes import SCHEMES, scheme_of

CONNECT, READ = 5.0, 10.0
"""Seconds for a connection, and for whatever is read from it in all."""
MAX_ANSWER = 64 * 1024
MAX_THREADS = 32

_ADDRESSED = frozenset(("socket.connect", "socket.sendto", "socket.sendmsg"))
_NEVER = frozenset(
    (
        *("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system"),
        *("os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate"),
        *("pty.spawn", "shutil.rmtree", "socket.bind", "subprocess.Popen"),
    )
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_ASSET = apprise.AppriseAsset(
    app_id="Crypto Analyzer",
    app_desc="Crypto Analyzer",
    app_url="",
    image_url_mask="",
    storage_mode="memory",
    allow_templates=False,
)
"""How we appear; nothing is kept on disk, and no text of a message is a template."""


class Outcome(threading.local):
    """What the requests of one job came to; each job has a thread of its own."""

    status: int | None = None
    retry_after: str = ""
    error: str = ""


_outcome = Outcome()
_out = threading.Lock()


def fence(allowed: list[str]) -> Callable[[str, tuple[Any, ...]], None]:
    """Return the audit hook; what it refuses looks like a failed call to whoever tried."""
    networks = [ip_network(each) for each in allowed]
    paths = sysconfig.get_paths()
    certificates = ssl.get_default_verify_paths()
    readable = tuple(
        os.path.realpath(each)
        for each in (
            *(paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")),
            *(certificates.cafile, certificates.capath, "/usr/share/zoneinfo"),
        )
        if each
    )

    def hook(event: str, values: tuple[Any, ...]) -> None:
        if event in _ADDRESSED:
            where = values[1]
            if where is None:  # a connected socket, which has been here before
                return
            if not (isinstance(where, tuple) and may_connect(where[0], where[1], networks)):
                _refuse("blocked")
        elif event in _NEVER or (event == "open" and not _may_open(values[0], values[2] or 0, readable)):
            _refuse("forbidden")

    return hook


def _refuse(error: str) -> None:
    _outcome.error = error
    raise PermissionError(error)


def _may_open(path: object, flags: int, readable: tuple[str, ...]) -> bool:
    if isinstance(path, int):
        return True
    if flags & _WRITING or not isinstance(path, (str, bytes)):
        return False
    real = os.path.realpath(os.fsdecode(path))
    return real in readable or real.startswith(tuple(each + os.sep for each in readable))


def bounded(send: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
    """Return the sending of a request as it is done here: no redirect, no proxy, little patience, a short answer."""

    def bounded_send(
        self: requests.Session, request: requests.PreparedRequest, **rest: Any
    ) -> requests.Response:
        request.headers["Accept-Encoding"] = "identity"
        rest |= {"allow_redirects": False, "proxies": {}, "stream": True, "timeout": (CONNECT, READ)}
        try:
            response = send(self, request, **rest)
            _outcome.status, _outcome.retry_after = (
                response.status_code,
                response.headers.get("Retry-After", ""),
            )
            response._content = _read(response)  # as `content` would, but for the bounds
        except requests.RequestException as error:
            _outcome.error = _outcome.error or _word(error)
            raise
        return response

    return bounded_send


def _read(response: requests.Response) -> bytes:
    body, until = bytearray(), time.monotonic() + READ
    while len(body) < MAX_ANSWER and time.monotonic() < until:
        chunk = response.raw.read1(8192, decode_content=False)
        if not chunk:
            break
        body += chunk
    response.close()
    return bytes(body)


def _word(error: requests.RequestException) -> str:
    """Return the closed word for what went wrong."""
    if isinstance(error, requests.ConnectTimeout):
        return "timeout_connect"
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    if isinstance(error, requests.ReadTimeout):
        return "timeout_read"
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(reason, urllib3.exceptions.NameResolutionError):
        return "dns"
    return "refused" if isinstance(reason, urllib3.exceptions.NewConnectionError) else "reset"


def work(job: dict[str, Any]) -> dict[str, Any]:
    """Do one job: {id, url, title, body, type}; return what came of it, without a word of the URL."""
    _outcome.status, _outcome.retry_after, _outcome.error = None, "", ""
    told = False
    try:
        known = scheme_of(job["url"]) in SCHEMES
        service = apprise.Apprise.instantiate(job["url"], asset=_ASSET) if known else None
        if service is None:
            _outcome.error = "bad_url"
        else:
            told = bool(
                service.notify(
                    title=job["title"], body=job["body"], notify_type=apprise.NotifyType(job["type"])
                )
            )
    except Exception as error:  # noqa: BLE001  # a hundred plug-ins; none may end the others' process
        _outcome.error = _outcome.error or f"plugin_{type(error).__name__}"
    return {
        "id": job["id"],
        "ok": told,
        "status": _outcome.status,
        "retry_after": _outcome.retry_after,
        "error": "" if told else _outcome.error,
    }


def main() -> None:
    """Serve until the pipe is closed."""
    apprise.Apprise.instantiate("ntfys://warm-up/topic")  # loads every plug-in, before files are closed to us
    requests.Session.send = bounded(requests.Session.send)  # type: ignore[method-assign]
    sys.addaudithook(fence(sys.argv[1:]))
    free = threading.Semaphore(MAX_THREADS)

    def serve(job: dict[str, Any]) -> None:
        try:
            answer = json.dumps(work(job)) + "\n"
        finally:
            free.release()
        with _out:
            sys.stdout.write(answer)
            sys.stdout.flush()

    for line in sys.stdin:
        free.acquire()
        threading.Thread(target=serve, args=(json.loads(line),), daemon=True).start()
    with _out:  # no thread is halfway through an answer; those that still wait for one are not waited for
        os._exit(0)


if __name__ == "__main__":
    main()
