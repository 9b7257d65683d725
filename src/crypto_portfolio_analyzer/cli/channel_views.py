"""Channels and their types as text."""

from collections.abc import Mapping, Sequence
from typing import Any

from crypto_portfolio_analyzer.cli.alert_calls import short_ids
from crypto_portfolio_analyzer.cli.alert_views import when
from crypto_portfolio_analyzer.cli.output import Column, Output, safe
from crypto_portfolio_analyzer.core.formats import UNKNOWN, Language

CHANNEL_COLUMNS = (
    Column("ID"),
    Column("NAME"),
    Column("TYPE"),
    Column("STATE"),
    Column("DEFAULT", weight=6),
    Column("SENDS TO", weight=5),
    Column("SINCE", weight=3),
)
TYPE_COLUMNS = (Column("TYPE"), Column("LABEL"), Column("READY"), Column("ABOUT", weight=5))
OPTION_COLUMNS = (
    Column("OPTION"),
    Column("KIND", weight=6),
    Column("NEEDED", weight=7),
    Column("DEFAULT", weight=4),
    Column("ABOUT"),
)
_ADDRESSES = ("url", "to", "chat_id", "chat", "address")


def show_channels(
    channels: Sequence[dict[str, Any]], output: Output, now: int, language: Language = "en"
) -> None:
    """Print channels as a table, then what to do next."""
    if not channels:
        output.say("no channels yet: alerts are shown on the page only")
        output.note("Next: crypto-analyzer channels types")
        return
    ids = short_ids(channels)
    rows = [
        [
            ids[each["id"]],
            each["name"],
            each["type"],
            state_of(each),
            "yes" if each["default"] else UNKNOWN,
            next((str(each["options"][name]) for name in _ADDRESSES if each["options"].get(name)), UNKNOWN),
            when(each["created_at"], now, language),
        ]
        for each in channels
    ]
    output.table(CHANNEL_COLUMNS, rows)
    plural = "" if len(channels) == 1 else "s"
    output.note(
        f"{len(channels)} channel{plural}.  Next: crypto-analyzer channels test {ids[channels[0]['id']]}"
    )


def show_channel(channel: Mapping[str, Any], output: Output, now: int, language: Language = "en") -> None:
    """Print everything that may be seen of a channel."""
    output.say(safe(f"{channel['name']}: {channel['type']}, {state_of(channel)}"))
    told = {
        "id": channel["id"],
        "default": "told of alerts that name no channel" if channel["default"] else "",
        "trades": "drops what comes late" if channel["trades"] else "",
        "lives": "" if channel["ttl_seconds"] is None else f"{channel['ttl_seconds']:g} s",
        "failing": f"since {when(channel['failing_since'], now, language)}"
        if channel["failing_since"]
        else "",
        "paused": f"until {when(channel['paused_until'], now, language)}" if channel["paused_until"] else "",
        "made": when(channel["created_at"], now, language),
        **channel["options"],
    }
    for name, value in told.items():
        if value not in ("", None, [], {}):
            output.say(safe(f"  {name:<12} {_value(value)}"))


def show_secret(made: Mapping[str, Any], output: Output) -> None:
    """Print a new secret, if there is one, this once."""
    if made["secret"]:
        output.say(f"secret  {safe(made['secret'])}")
        output.note("keep the secret now: it is not shown again")


def show_types(types: Sequence[dict[str, Any]], output: Output, *, is_one: bool) -> None:
    """Print the types of channels, or the options of one."""
    if not is_one:
        output.table(
            TYPE_COLUMNS,
            [
                [each["name"], each["label"], "yes" if each["ready"] else "no", each["about"]]
                for each in types
            ],
        )
        output.note("Next: crypto-analyzer channels types TYPE")
        return
    [kind] = types
    output.say(safe(f"{kind['label']}: {kind['about']}"))
    rows = [
        [
            each["name"],
            each["kind"],
            "yes" if each["needed"] else UNKNOWN,
            each["default"] or UNKNOWN,
            _about(each),
        ]
        for each in kind["options"]
    ]
    if rows:
        output.table(OPTION_COLUMNS, rows)
    if kind["missing"]:
        output.note(safe(f"not ready: {kind['missing']}"))
    needed = "".join(f" --option {each['name']}=…" for each in kind["options"] if each["needed"])
    output.note(safe(f"Next: crypto-analyzer channels add {kind['name']}{needed}"))


def state_of(channel: Mapping[str, Any]) -> str:
    """Say in a few words how a channel does."""
    if not channel["enabled"]:
        return f"off: {channel['disabled_reason']}" if channel["disabled_reason"] else "off"
    if not channel["verified"]:
        return "unconfirmed"
    if channel["failures"]:
        return f"failing, {channel['failures']} times"
    return "on"


def _about(option: Mapping[str, Any]) -> str:
    choices = f" [{'|'.join(option['choices'])}]" if option["choices"] else ""
    return f"{option['about']}{choices}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
