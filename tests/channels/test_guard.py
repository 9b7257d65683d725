"""The guard: three hundred ways to name what may not be reached, and not one connection."""

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, ip_network
from itertools import chain, product

import pytest
from aiohttp.abc import AbstractResolver

from crypto_portfolio_analyzer.channels.guard import Guard
from crypto_portfolio_analyzer.channels.http import Patience, ask
from crypto_portfolio_analyzer.errors import DeliveryFailed, InvalidInput
from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from crypto_portfolio_analyzer.simulation.receivers import Receiver
from tests.channels.connects import connects
from tests.channels.test_addresses import FORBIDDEN

PUBLIC_4, PUBLIC_6 = "203.0.114.7", "2a00:1450:4001::1"
ELSEWHERE = ip_network("10.99.0.0/16")
"""A network of the operator's in which nothing of these tests is."""
QUICK = Patience(2.0, 4.0)
FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}
CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")


def spellings(text: str) -> Iterator[str]:
    """Yield the ways to write an IPv4 address, and its embeddings in IPv6."""
    address = IPv4Address(text)
    number, (a, b, c, d) = int(address), address.packed
    yield from (text, str(number), hex(number), hex(number).upper(), oct(number).replace("o", ""))
    yield from (f"{a}.{b}.{c * 256 + d}", f"{a}.{b * 65536 + c * 256 + d}", f"{a:#x}.{b:#x}.{c:#x}.{d:#x}")
    yield from (f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{a:#x}.{b}.0{c:o}.{d}", f"{a:03}.{b:03}.{c:03}.{d:03}")
    yield from (text + ".", text.translate(FULL_WIDTH), text.translate(CIRCLED), text.replace(".", "。"))
    yield from (text.replace(".", "\uff0e"), text.replace(".", "%2e"), f"%{ord(text[0]):x}{text[1:]}")
    yield from (f"[::ffff:{text}]", f"[::{text}]", f"[64:ff9b::{text}]", f"[64:ff9b:1::{text}]")
    yield from (f"[2002:{a:02x}{b:02x}:{c:02x}{d:02x}::1]", f"[::ffff:0:{text}]", f"[fe80::5efe:{text}]")
    yield f"[2001:0:5ef5:79fb:0:0:{a ^ 255:02x}{b ^ 255:02x}:{c ^ 255:02x}{d ^ 255:02x}]"


def hosts() -> Iterator[str]:
    yield from chain.from_iterable(map(spellings, ("127.0.0.1", "10.0.0.5", "169.254.169.254", "0.0.0.0")))
    for text in FORBIDDEN:
        yield f"[{text}]" if ":" in text else text
    yield from (
        "[::1%25lo]",
        "[::1%lo]",
        "[fe80::1%25eth0]",
        "[0:0:0:0:0:0:0:1]",
        "[::0001]",
        "[v1.127]",
        "[::1",
        "::1",
    )


FORMS = [
    *(
        "http://127.0.0.1/",
        "http://example.com/",
        "http://example.com:443/",
        f"http://{PUBLIC_4}/",
        "//127.0.0.1/",
    ),
    *(
        "https://user@example.com/",
        "https://user:pass@example.com/",
        "https://:@example.com/",
        "https:///x",
    ),
    *(
        "https://example.com@127.0.0.1/",
        "https://127.0.0.1#@example.com/",
        "https://127.0.0.1\\@example.com/",
    ),
    *(
        "https://example.com\\@127.0.0.1/",
        "https:\\\\127.0.0.1/",
        "https:127.0.0.1",
        "https:/127.0.0.1/",
        "",
    ),
    *(
        "https://127.0.0.1%00.example.com/",
        "https://127.0.0.1%0d%0aHost: x/",
        "https://exam\tple.com/",
        "https://",
    ),
    *(
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_",
        "ftp://127.0.0.1/",
        "unix:///run/x.sock",
        "ws://127.0.0.1/",
    ),
    *(
        "javascript:alert(1)",
        "data:text/plain,x",
        "dict://127.0.0.1:11211/",
        "ldap://127.0.0.1/",
        "x",
        "127.0.0.1",
    ),
    *(
        "https://example.com:443:80/",
        "https://example.com:-1/",
        "https://example.com:٤٤٣٣/",
        "https://exa mple.com/",
    ),
    *(
        "https://example.com./",
        "https://.example.com/",
        "https://a..b/",
        "https://*.example.com/",
        "https://[]/",
    ),
    f"https://{'a' * 64}.com/",
    f"https://example.com/{'a' * 3000}",
]


def urls() -> list[str]:
    """Return every URL that leads nowhere."""
    literal = [f"https://{host}{port}/x" for host, port in product(hosts(), ("", ":8443"))]
    public = [f"https://{PUBLIC_4}:{port}/" for port in (0, 22, 25, 80, 5432, 6379, 65535, 65536)]
    return list(dict.fromkeys([*literal, *public, *FORMS]))


URLS = urls()


class Resolver(AbstractResolver):
    """Answers each question with the next of its answers, the last one again and again."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers, self.asked = list(answers), 0

    async def resolve(self, host, port=0, family=socket.AF_INET):
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not found:
            raise OSError("no such name")
        return [
            {
                "hostname": host,
                "host": each,
                "port": port,
                "family": socket.AF_INET6 if ":" in each else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for each in found
        ]

    async def close(self):
        pass


async def outcome(guard: Guard, url: str) -> DeliveryFailed | int:
    """Send to a URL past the check of its form, as one stored by an older version would be."""
    async with guard.session() as session:
        try:
            return (await ask(session, url, b"x", {}, patience=QUICK)).status
        except DeliveryFailed as failure:
            return failure


def test_there_are_enough_forms():
    assert len(URLS) >= 300


@pytest.mark.parametrize("allowed", [(), (ELSEWHERE,)])
def test_no_form_of_a_forbidden_place_passes_the_check(allowed):
    guard = Guard(allowed)
    passed = []
    for url in URLS:
        try:
            passed.append(guard.check_url(url))
        except InvalidInput:
            continue

    # where there are networks of one's own, a name may have any port: the socket's gate tells
    assert passed == (["http://example.com/", "https://example.com:4433/"] if allowed else [])


@pytest.mark.parametrize("allowed", [(), (ELSEWHERE,)])
async def test_no_form_of_a_forbidden_place_is_connected_to(allowed):
    guard = Guard(allowed, resolver=Resolver(("127.0.0.1",)))
    with connects() as seen:
        results = [(url, await outcome(guard, url)) for url in URLS]

    assert seen == []
    assert [url for url, result in results if getattr(result, "error", "") != "blocked"] == []


@pytest.mark.parametrize("address", FORBIDDEN)
async def test_no_name_leads_to_a_forbidden_address(address):
    answers = [(address,), (PUBLIC_4, address), (address, PUBLIC_4), (PUBLIC_6, address, PUBLIC_4)]
    with connects() as seen:
        failures = [
            await outcome(Guard(resolver=Resolver(each)), "https://evil.example/") for each in answers
        ]

    assert seen == []
    assert {each.error for each in failures if isinstance(each, DeliveryFailed)} == {"blocked"}
    assert all(
        isinstance(each, DeliveryFailed) and not each.transient and each.is_config for each in failures
    )


@pytest.mark.parametrize("private", ["127.0.0.1", "169.254.169.254", "::1", "64:ff9b::7f00:1"])
async def test_a_name_that_changes_its_mind_is_connected_where_it_was_checked(private):
    resolver = Resolver((PUBLIC_4,), (private,), (PUBLIC_4, private))
    guard = Guard(resolver=resolver)
    with connects() as seen:
        first, second, third = [await outcome(guard, "https://rebinding.example/") for _ in range(3)]

    assert {(host, port) for host, port in seen} == {(PUBLIC_4, 443)}
    assert isinstance(first, DeliveryFailed)
    assert first.error == "refused"
    assert isinstance(second, DeliveryFailed)
    assert isinstance(third, DeliveryFailed)
    assert second.error == third.error == "blocked"
    assert resolver.asked == 3  # each connection asks once, and believes what it checked


async def test_a_name_of_ones_own_network_does_not_open_public_ports():
    guard = Guard((ELSEWHERE,), resolver=Resolver((PUBLIC_4,)))
    with connects() as seen:
        failure = await outcome(guard, "http://somebody.example:6379/")

    assert isinstance(failure, DeliveryFailed)
    assert failure.error == "blocked"
    assert seen == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 300, 304])
async def test_redirects_are_failures_and_lead_nowhere(status):
    async with Receiver() as inner, Receiver() as outer:
        for target in (
            inner.url,
            f"http://127.0.0.2:{inner.port}/",
            "http://[::1]/",
            "file:///etc/passwd",
            "/again",
        ):
            outer.faults.append(Misbehaviour(Bad.STATUS, status, {"Location": target}))
            failure = await outcome(Guard((ip_network("127.0.0.1/32"),)), f"{outer.url}/hook")

            assert isinstance(failure, DeliveryFailed)
            assert (failure.error, failure.status, failure.transient) == ("status", status, True)

        assert len(inner.received) == 0
        assert [each.path for each in outer.received] == ["/hook"] * 5


async def test_a_session_follows_no_redirect_whoever_asks():
    async with Receiver() as inner, Receiver() as outer:
        outer.always = Misbehaviour(Bad.STATUS, 302, {"Location": inner.url})
        async with Guard((ip_network("127.0.0.0/8"),)).session() as session:
            with pytest.raises(DeliveryFailed):
                await session.get(outer.url)

        assert len(inner.received) == 0


async def test_the_environment_names_no_proxy(monkeypatch):
    async with Receiver() as proxy, Receiver() as target:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert await outcome(Guard((ip_network("127.0.0.0/8"),)), target.url) == 204

        assert len(proxy.received) == 0


async def test_cookies_are_forgotten():
    async with Receiver() as target:
        target.faults.append(Misbehaviour(Bad.STATUS, 200, {"Set-Cookie": "track=me"}))
        async with Guard((ip_network("127.0.0.0/8"),)).session() as session:
            for _ in range(2):
                await ask(session, target.url, b"x", {}, patience=QUICK)

        assert [each.headers.get("cookie") for each in target.received] == [None, None]


async def test_a_checked_name_keeps_its_host_header():
    async with Receiver() as target:
        guard = Guard((ip_network("127.0.0.0/8"),), resolver=Resolver(("127.0.0.1",)))
        assert await outcome(guard, f"http://bot.lan:{target.port}/") == 204

        assert target.received[0].headers["host"] == f"bot.lan:{target.port}"


@pytest.mark.parametrize(
    ("url", "used"),
    [
        ("https://example.com", "https://example.com"),
        (" HTTPS://Example.COM:443/a?b=c#d ", "https://example.com/a?b=c"),
        ("https://example.com:8443/ü", "https://example.com:8443/%C3%BC"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        (f"https://{PUBLIC_4}/x", f"https://{PUBLIC_4}/x"),
        (f"https://[{PUBLIC_6}]/", f"https://[{PUBLIC_6}]/"),
    ],
)
def test_a_good_url_is_rebuilt_and_stays_as_it_is(url, used):
    guard = Guard()

    assert guard.check_url(url) == used
    assert guard.check_url(used) == used


def test_own_networks_may_use_any_port_and_plain_http():
    guard = Guard((ip_network("192.168.0.0/16"),))

    assert guard.check_url("http://192.168.7.9:8080/hook") == "http://192.168.7.9:8080/hook"
    assert guard.is_own("http://192.168.7.9:8080/hook")
    assert guard.is_own("http://bot.lan:8080/hook")
    assert not guard.is_own("https://discord.com/api")
    assert not guard.is_own(f"https://{PUBLIC_4}/")


def test_an_error_does_not_repeat_the_url():
    for url in URLS:
        if len(url) > 30:
            with pytest.raises(InvalidInput) as caught:
                Guard().check_url(url)
            assert url not in str(caught.value)


def test_the_socket_gate_stands_alone():
    """Even if the other two gates were passed, no socket is made for what may not be reached."""
    info = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 443))

    with pytest.raises(OSError, match="not a public"):
        Guard()._socket(info)
