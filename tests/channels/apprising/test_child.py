"""Apprise's process, spoken to over its pipes: what it sends, and the walls it runs into."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crypto_portfolio_analyzer.channels.apprising.process import CHILD
from crypto_portfolio_analyzer.simulation.gateways import NtfyReceiver
from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour

WALLED = """
import json, os, socket, subprocess, sys, threading
from crypto_portfolio_analyzer.channels.apprising import child
sys.addaudithook(child.fence(sys.argv[1:]))
def tried(name, call):
    try:
        call()
    except PermissionError as error:
        return [name, "walled" if error.args in (("blocked",), ("forbidden",)) else "passed"]
    except Exception as error:
        return [name, f"passed: {type(error).__name__}"]
    return [name, "passed"]
def connected(family, where):
    with socket.socket(family) as it:
        it.settimeout(1)
        it.connect(where)
def sent(where):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as it:
        it.sendto(b"x", where)
home = os.path.expanduser("~")
print(json.dumps([
    tried("loopback", lambda: connected(socket.AF_INET, ("127.0.0.1", 443))),
    tried("loopback 6", lambda: connected(socket.AF_INET6, ("::1", 443))),
    tried("mapped", lambda: connected(socket.AF_INET6, ("::ffff:127.0.0.1", 443))),
    tried("nat64", lambda: connected(socket.AF_INET6, ("64:ff9b::7f00:1", 443))),
    tried("metadata", lambda: connected(socket.AF_INET, ("169.254.169.254", 443))),
    tried("short", lambda: connected(socket.AF_INET, ("127.1", 443))),
    tried("decimal", lambda: connected(socket.AF_INET, ("2130706433", 443))),
    tried("name", lambda: connected(socket.AF_INET, ("localhost", 443))),
    tried("any", lambda: connected(socket.AF_INET, ("0.0.0.0", 443))),
    tried("public odd port", lambda: connected(socket.AF_INET, ("203.0.114.7", 25))),
    tried("path", lambda: connected(socket.AF_UNIX, "/var/run/docker.sock")),
    tried("datagram", lambda: sent(("127.0.0.1", 514))),
    tried("create_connection", lambda: socket.create_connection(("localhost", 443), 1)),
    tried("program", lambda: subprocess.run(["true"])),
    tried("system", lambda: os.system("true")),
    tried("spawn", lambda: os.posix_spawn("/bin/true", ["true"], {})),
    tried("fork", lambda: os.fork() or os._exit(0)),
    tried("write", lambda: open("written-by-a-plugin", "w")),
    tried("read", lambda: open("/etc/hostname")),
    tried("read self", lambda: open("/proc/self/environ")),
    tried("remove", lambda: os.remove("anything")),
    tried("bind", lambda: socket.socket().bind(("127.0.0.1", 0))),
]))
"""


@contextmanager
def child(*allowed: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-B", "-m", CHILD, *allowed]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
    try:
        yield process
    finally:
        process.communicate(timeout=10)  # its pipe is closed, and it ends


def ask(process: subprocess.Popen[str], *urls: str) -> dict[int, dict[str, object]]:
    """Return the answers to jobs, by number."""
    assert process.stdin
    assert process.stdout
    for number, url in enumerate(urls):
        job = {"id": number, "url": url, "title": "Up", "body": "text", "type": "info"}
        process.stdin.write(json.dumps(job) + "\n")
    process.stdin.flush()
    answers = [json.loads(process.stdout.readline()) for _ in urls]
    return {answer["id"]: answer for answer in answers}


def test_everything_that_is_not_a_request_runs_into_a_wall(tmp_path):
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-B", "-c", WALLED, "10.99.0.0/16"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=environment,
    )
    results = dict(json.loads(done.stdout))

    assert len(results) == 22
    assert {name: how for name, how in results.items() if how != "walled"} == {}
    assert list(Path(tmp_path).iterdir()) == []


async def test_forbidden_addresses_are_blocked_however_they_are_named():
    async with NtfyReceiver() as receiver:
        urls = [
            f"ntfy://{host}:{receiver.port}/topic"
            for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "0.0.0.0", "[::1]")
        ]
        urls += [f"gotify://127.0.0.1:{receiver.port}/token{'a' * 15}", "ntfys://169.254.169.254/topic"]
        with child() as process:
            answers = await _off_loop(ask, process, *urls)

        assert len(receiver.received) == 0
        assert all(not answer["ok"] for answer in answers.values())
        assert {answer["error"] for answer in answers.values()} <= {"blocked", "bad_url", "dns", "refused"}
        assert [answers[number]["error"] for number in (0, 1, 8)] == ["blocked"] * 3


async def test_what_is_not_on_the_list_or_no_url_is_not_tried():
    urls = "file:///etc/passwd syslog:// dbus:// mailto://a:b@example.com json://127.0.0.1/ x slack://nope".split()
    with child("127.0.0.0/8") as process:
        answers = await _off_loop(ask, process, *urls, "")

    assert {(answer["ok"], answer["error"]) for answer in answers.values()} == {(False, "bad_url")}


async def test_redirects_are_not_followed_and_no_proxy_is_used():
    async with NtfyReceiver() as inner, NtfyReceiver() as outer:
        outer.always = Misbehaviour(Bad.STATUS, 307, {"Location": f"http://127.0.0.1:{inner.port}/topic"})
        with child("127.0.0.0/8", http_proxy=inner.url, all_proxy=inner.url) as process:
            answers = await _off_loop(ask, process, outer.topic_url("topic"))

        assert (answers[0]["ok"], answers[0]["status"]) == (False, 307)
        assert (len(outer.received), len(inner.received)) == (1, 0)


async def test_a_refusal_is_told_with_its_status():
    statuses = (400, 401, 403, 404, 410, 429, 500, 503)
    async with NtfyReceiver() as receiver:
        with child("127.0.0.0/8") as process:
            for status in statuses:
                receiver.always = Misbehaviour(Bad.STATUS, status, {"Retry-After": "11"})
                answer = (await _off_loop(ask, process, receiver.topic_url("topic")))[0]

                assert (answer["ok"], answer["status"], answer["retry_after"]) == (False, status, "11")


async def test_errors_of_the_network_have_closed_words():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with NtfyReceiver() as receiver:
            receiver.always = Misbehaviour(Bad.RESET)
            with child("127.0.0.0/8") as process:
                answers = await _off_loop(
                    ask,
                    process,
                    f"ntfy://127.0.0.1:{taken.getsockname()[1]}/topic",
                    receiver.topic_url("topic"),
                    f"ntfys://127.0.0.1:{receiver.port}/topic",
                )

    assert [answers[number]["error"] for number in range(3)] == ["refused", "reset", "tls"]


async def test_a_huge_answer_is_not_read():
    async with NtfyReceiver() as receiver:
        receiver.always = Misbehaviour(Bad.HUGE_BODY)
        with child("127.0.0.0/8") as process:
            answers = await _off_loop(ask, process, receiver.topic_url("topic"))

            assert answers[0]["status"] == 200
            assert _resident(process.pid) < 150 << 20


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def _off_loop(call, *values):
    return await asyncio.to_thread(call, *values)
