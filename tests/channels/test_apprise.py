"""Apprise: one URL, any of some fifty services, none of our walls broken."""

import socket

import pytest

from crypto_portfolio_analyzer.channels.apprise import AppriseChannel
from crypto_portfolio_analyzer.channels.guard import Guard
from crypto_portfolio_analyzer.errors import DeliveryFailed, InvalidFields
from crypto_portfolio_analyzer.simulation.gateways import NtfyReceiver
from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from tests.channels.sending import HOSTILE, channel, message, world


class Joined:
    """A server such as ntfy's and the type."""

    def __init__(self, **changes):
        self.receiver, self.kind = NtfyReceiver(), AppriseChannel(world(**changes))

    async def __aenter__(self):
        await self.receiver.start()
        return self

    async def __aexit__(self, *_error):
        await self.kind.stop()
        await self.receiver.stop()

    async def send(self, url="", **changes):
        options = self.kind.check({"url": url or self.receiver.topic_url("canary-topic-7d1f")})
        return await self.kind.send(message("apprise", options, **changes))

    async def failure(self, url=""):
        with pytest.raises(DeliveryFailed) as caught:
            await self.send(url)
        assert "canary" not in repr(caught.value) + str(vars(caught.value))
        return caught.value


async def test_a_message_is_published():
    async with Joined() as joined:
        link = {"url": "https://me.example/a"}
        options = joined.kind.check({"url": joined.receiver.topic_url("topic")})
        made = message("apprise", options, headline="BTC up", lines=("one",), note="mine", **link)
        accepted = await joined.kind.send(made)
        (published,) = joined.receiver.published

        assert accepted.status == 200
        assert (published["topic"], published["title"]) == ("topic", "BTC up")
        assert published["message"] == "one\n\nmine\nhttps://me.example/a"


async def test_hostile_texts_mention_nobody_and_link_nowhere():
    async with Joined() as joined:
        for text in HOSTILE[:7]:
            await joined.send(headline=text[:200], lines=(text,), note=text)
        seen = [each.get("title", "") + each["message"] for each in joined.receiver.published]

        assert len(seen) == 7
        assert not any(
            mark in text for text in seen for mark in ("@e", "@h", "@1", "<!", "<b", "<s", "](", "://e")
        )


async def test_a_template_of_the_owners_is_all_there_is():
    async with Joined() as joined:
        await joined.send(body="mine alone", headline="not this")

        assert joined.receiver.published[0]["message"] == "mine alone"
        assert "title" not in joined.receiver.published[0]


@pytest.mark.parametrize(
    ("status", "transient", "disables", "is_config", "wait"),
    [
        (401, True, False, True, None),
        (404, True, False, True, None),
        (410, False, True, False, None),
        (429, True, False, False, 11.0),
        (503, True, False, False, 11.0),
        (307, True, False, False, None),
    ],
)
async def test_answers_go_by_the_table(status, transient, disables, is_config, wait):
    async with Joined() as joined:
        joined.receiver.always = Misbehaviour(Bad.STATUS, status, {"Retry-After": "11"})
        failed = await joined.failure()

        assert (failed.error, failed.status, failed.transient) == ("status", status, transient)
        assert (failed.disables, failed.is_config, failed.retry_after) == (disables, is_config, wait)


async def test_errors_of_the_network_say_whether_it_may_have_arrived():
    async with Joined() as joined:
        joined.receiver.faults.append(Misbehaviour(Bad.RESET))
        reset = await joined.failure()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            refused = await joined.failure(f"ntfy://127.0.0.1:{taken.getsockname()[1]}/canary")

        assert (reset.error, reset.is_unknown, reset.transient) == ("reset", True, True)
        assert (refused.error, refused.is_unknown, refused.transient) == ("refused", False, True)


async def test_a_forbidden_address_is_final_and_the_owners_to_put_right():
    async with Joined(guard=Guard()) as joined:
        for url in (joined.receiver.topic_url("canary"), "ntfys://169.254.169.254/canary"):
            failed = await joined.failure(url)
            assert (failed.error, failed.transient, failed.is_config) == ("blocked", False, True)

        assert len(joined.receiver.received) == 0


async def test_a_url_that_apprise_does_not_understand_is_the_owners_to_put_right():
    async with Joined() as joined:
        failed = await joined.failure("slack://canary")

        assert (failed.error, failed.transient, failed.is_config) == ("bad_url", False, True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        None,
        5,
        "ntfy",
        "https://example.com",
        "mailto://a:b@c.d",
        "syslog://",
        "ntfy://",
        "file:///etc/passwd",
        "ntfy://a\nb",
    ],
)
def test_only_services_on_the_list_are_taken(url):
    with pytest.raises(InvalidFields) as caught:
        AppriseChannel(world()).check({"url": url})

    assert all(each.problem and each.remedy for each in caught.value.faults)


def test_a_url_is_shown_by_its_service_only():
    kind = AppriseChannel(world())
    options = kind.check({"url": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"})

    assert kind.shown(options) == {"url": "slack://•••i7FQ"}
    assert "slack" not in kind.lane(channel("apprise", options), "BTC/USDT")
