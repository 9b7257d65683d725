"""From channels, their types, links and hooks to what is shown of them."""

import json
from collections.abc import Mapping

from crypto_portfolio_analyzer.api.alert_views import iso_or_none
from crypto_portfolio_analyzer.api.channel_schemas import (
    BotTemplateView,
    ChannelMadeView,
    ChannelTypeView,
    ChannelView,
    HookView,
    LinkView,
    OptionView,
    PreviewView,
)
from crypto_portfolio_analyzer.api.schemas import iso
from crypto_portfolio_analyzer.channels.kinds import ChannelType, Option
from crypto_portfolio_analyzer.channels.signal_templates import SignalTemplate
from crypto_portfolio_analyzer.core.notices.links import Hook, Link
from crypto_portfolio_analyzer.core.notices.notification import Channel, Notification


def channel_view(channel: Channel, shown: Mapping[str, object], *, trades: bool) -> ChannelView:
    """Show a channel; `shown` are its options as they may be seen."""
    return ChannelView(
        id=channel.id,
        type=channel.type,
        name=channel.name,
        enabled=channel.enabled,
        default=channel.is_default,
        options=dict(shown),
        trades=trades,
        ttl_seconds=None if channel.ttl is None else channel.ttl / 1e9,
        verified=channel.verified_at is not None,
        disabled_reason=channel.disabled_reason,
        failing_since=iso_or_none(channel.failing_since),
        failures=channel.failures,
        paused_until=iso_or_none(channel.paused_until),
        created_at=iso(channel.created_at),
        updated_at=iso(channel.updated_at),
    )


def made_view(view: ChannelView, secret: str | None) -> ChannelMadeView:
    """Show a channel with its new secret, this once."""
    return ChannelMadeView(**view.model_dump(), secret=secret)


def type_view(kind: ChannelType) -> ChannelTypeView:
    """Show a type of channel."""
    missing = kind.is_ready
    return ChannelTypeView(
        name=kind.name,
        label=kind.label,
        about=kind.about,
        options=[_option(each) for each in kind.options],
        for_people=kind.for_people,
        ready=not missing,
        missing=missing,
    )


def preview_view(told: Notification) -> PreviewView:
    """Show what would be told."""
    return PreviewView(
        type=told.type,
        severity=told.severity,
        language=told.language,
        headline=told.headline,
        lines=list(told.lines),
        note=told.note,
        more=list(told.more),
        body=told.body,
        data=dict(told.data),
    )


def link_view(link: Link) -> LinkView:
    """Show who is linked."""
    return LinkView(
        platform=link.platform, person=link.person, name=link.name, created_at=iso(link.created_at)
    )


def hook_view(hook: Hook) -> HookView:
    """Show an address that takes signals in, without its token."""
    return HookView(id=hook.id, name=hook.name, channels=list(hook.channels), created_at=iso(hook.created_at))


def _option(option: Option) -> OptionView:
    return OptionView(
        name=option.name,
        kind=option.kind,
        about=option.about,
        needed=option.is_needed,
        default=option.default,
        choices=list(option.choices),
    )


def template_view(name: str, template: SignalTemplate) -> BotTemplateView:
    """Show the words of one kind of bot, as a channel of the type `bot` sends them."""
    return BotTemplateView(
        name=name,
        label=template.label,
        about=f"orders as {template.content_type.partition(';')[0]}",
        channel_type="bot",
        url=template.url,
        actions={str(action): word for action, word in template.words.items()},
        options=[
            OptionView(
                name=each,
                kind=wish.kind,
                about=wish.about,
                needed=wish.needed,
                default=wish.default,
                choices=[],
            )
            for each, wish in template.options.items()
        ],
        body=_body(template),
        message=template.message,
    )


def bot_type_view(kind: ChannelType) -> BotTemplateView:
    """Show a type of channel that speaks one bot's own interface, and needs no template."""
    return BotTemplateView(
        name=kind.name,
        label=kind.label,
        about=kind.about,
        channel_type=kind.name,
        url="",
        actions={},
        options=[_option(each) for each in kind.options],
        body="",
        message="",
    )


def _body(template: SignalTemplate) -> str:
    if template.json is not None:
        return json.dumps(template.json, indent=2, ensure_ascii=False)
    lines = [f"{key}={value}" for key, value in (template.lines or {}).items()]
    return "\n".join(lines or (template.text.lines if template.text else ()))
