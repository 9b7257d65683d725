"""What every type of channel promises, checked on each one that is registered.

A type brings `tests/channels/ends/<name>.py`: itself, ready to send, and an other end that minds its manners.
"""

import logging
import traceback
from contextlib import AsyncExitStack
from importlib import import_module
from math import inf, nan

import msgspec
import pytest

from crypto_portfolio_analyzer.channels.guard import Guard
from crypto_portfolio_analyzer.channels.kinds import CHANNELS, Accepted, ChannelType, World
from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.engine.delivery.preferences import PEOPLE
from crypto_portfolio_analyzer.errors import DeliveryFailed, Fault, InvalidFields
from tests.channels.ends.end import End
from tests.channels.sending import HOSTILE, channel

NAMES = CHANNELS.names()
KINDS = {"text", "secret", "url", "number", "flag", "choice", "list", "long"}
WRONG: dict[str, tuple[object, ...]] = {
    "text": (["x"], {"a": 1}, "\x00", "a\r\nb: c", "x" * 100_000, "•••1234"),
    "secret": (["x"], 5, "\x00", "a\r\nb", "x" * 100_000, "•••1234"),
    "url": (
        ["x"],
        5,
        "\x00",
        "https://a b/",
        "file:///etc/passwd",
        "x" * 100_000,
        "https://user:pass@example.com/",
    ),
    "number": ("many", [1], nan, inf, -inf, True, 10**400, -(10**400)),
    "flag": ("yes", 1, [True]),
    "choice": ("none of them", 5, ["x"], ""),
    "list": (5, {"a": 1}, "\x00"),
    "long": (5, ["x"], {"a": 1}),
}
every_type = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
async def stack():
    async with AsyncExitStack() as exits:
        yield exits


@pytest.fixture
async def end(name: str, stack: AsyncExitStack) -> End:
    """A type of channel, started, with its other end."""
    module = import_module(f"tests.channels.ends.{name}")
    made: End = await stack.enter_async_context(module.end())
    await made.kind.start()
    return made


def write(end: End, name: str, **changes):
    return end.write(name, end.kind.check(end.options), **changes)


def faults_of(kind: ChannelType, given: dict[str, object]) -> tuple[Fault, ...]:
    try:
        kind.check(given)
    except InvalidFields as error:
        return error.faults
    return ()


@every_type
def test_a_type_introduces_itself(name):
    kind = CHANNELS[name]

    assert kind.name == name
    assert kind.label.strip()
    assert kind.about.endswith(".")
    assert kind.parallel >= 1
    assert kind.timeout > 0
    assert all(wait > 0 for wait in kind.schedule)
    assert kind.parallel == 1 or not kind.ordered


@every_type
def test_every_option_is_documented(name):
    options = CHANNELS[name].options

    assert len({option.name for option in options}) == len(options)
    for option in options:
        assert option.kind in KINDS
        assert option.about.strip()
        assert bool(option.choices) == (option.kind == "choice")
        assert not option.choices or option.default in option.choices
        assert not (option.is_needed and option.default)


@every_type
def test_nothing_at_all_is_refused_where_something_is_needed(name):
    kind = CHANNELS[name](World(clock=SystemClock(), guard=Guard()))
    needed = {option.name for option in kind.options if option.is_needed}
    faults = faults_of(kind, {})

    assert needed <= {fault.path for fault in faults}
    assert all(fault.problem and fault.remedy for fault in faults)


@every_type
async def test_garbage_is_refused_with_a_remedy(name, end):
    given = [{option.name: wrong} for option in end.kind.options for wrong in WRONG[option.kind]]
    for garbage in (*given, *end.garbage, {"unheard": "of"}):
        with pytest.raises(InvalidFields) as caught:
            end.kind.check({**end.options, **garbage})
        assert all(fault.path and fault.problem and fault.remedy for fault in caught.value.faults), garbage
        assert not any(secret in str(caught.value) for secret in end.secrets)


@every_type
async def test_what_was_checked_can_be_stored_and_checked_again(name, end):
    options = end.kind.check(end.options)

    assert msgspec.json.decode(msgspec.json.encode(options)) == options
    assert end.kind.check(options) == options


@every_type
async def test_what_every_channel_may_have_is_no_option_of_the_type(name, end):
    assert {option.name for option in end.kind.options}.isdisjoint(PEOPLE)
    assert {fault.path for fault in faults_of(end.kind, {**end.options, "zone": "UTC"})} == {"zone"}


@every_type
async def test_no_secret_is_shown_or_part_of_a_key(name, end):
    options = end.kind.check(end.options)
    asked = channel(name, options)
    shown = end.kind.shown(options)
    seen = [
        str(shown),
        repr(end.kind),
        end.kind.lane(asked, "BTC/USDT"),
        *(rate.key for rate in end.kind.rates(asked)),
    ]

    assert not [(text, secret) for text in seen for secret in end.secrets if secret in text]
    secret = [option.name for option in end.kind.options if option.kind == "secret" and option.name in shown]
    assert all("•••" in str(shown[each]) for each in secret)


@every_type
async def test_a_message_arrives(name, end, caplog):
    caplog.set_level(logging.DEBUG)
    accepted = await end.kind.send(write(end, name))

    assert isinstance(accepted, Accepted)
    assert end.taken() == 1
    assert end.faults() == []
    said = [str(accepted), *(f"{record.getMessage()} {vars(record)}" for record in caplog.records)]
    assert not [(text, secret) for text in said for secret in end.secrets if secret in text]


@every_type
@pytest.mark.parametrize("part", range(3))
async def test_hostile_texts_are_only_text(name, end, part):
    texts = HOSTILE[part::3]
    for number, text in enumerate(texts):
        changes = {"headline": text, "lines": (text, "second"), "note": text, "more": (text,)}
        await end.kind.send(write(end, name, key=f"msg_{number}", **changes))
        await end.rest()

    assert end.taken() == len(texts)
    assert end.faults() == []


@every_type
async def test_an_end_that_is_gone_is_a_failure_without_secrets(name, end, caplog):
    if end.hang_up is None:
        assert end.kind.schedule == ()
        return
    caplog.set_level(logging.DEBUG)
    message = write(end, name)
    await end.hang_up()
    with pytest.raises(DeliveryFailed) as caught:
        await end.kind.send(message)

    failed = caught.value
    assert failed.error.islower()
    assert failed.detail
    assert failed.transient
    assert not failed.disables
    said = ["".join(traceback.format_exception(failed)), repr(failed), str(vars(failed))]
    said += [f"{record.getMessage()} {vars(record)}" for record in caplog.records]
    assert not [secret for text in said for secret in end.secrets if secret in text]


@every_type
async def test_it_stops_twice_and_starts_again(name, end):
    await end.kind.stop()
    await end.kind.stop()
    await end.kind.start()
    await end.kind.send(write(end, name))

    assert end.taken() == 1
