"""Wording: what a message says, in the reader's language; the one place where deliveries become text."""

import hashlib
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Alert, Firing, Severity
from crypto_portfolio_analyzer.core.notices import digest, firing_words
from crypto_portfolio_analyzer.core.notices.markup import clean, clean_lines, one_line
from crypto_portfolio_analyzer.core.notices.notification import (
    Channel,
    Content,
    Kind,
    Notification,
    Work,
    message_key,
)
from crypto_portfolio_analyzer.core.notices.payload import (
    DIGEST,
    TYPES,
    content_payload,
    digest_payload,
    firing_payload,
)
from crypto_portfolio_analyzer.core.notices.placeholders import Told, values_for
from crypto_portfolio_analyzer.core.notices.reader import reader_of
from crypto_portfolio_analyzer.core.notices.templates import Template
from crypto_portfolio_analyzer.errors import InvalidInput

_FEED = "/firings"


def compose(
    works: Sequence[Work],
    channel: Channel,
    *,
    at: int,
    attempt: int,
    is_repeat: bool,
    simulated: bool,
    public_url: str = "",
    breadth: tuple[int, int] | None = None,
    moves: Mapping[str, float] | None = None,
) -> Notification:
    """Return the message that tells `works` (one, or the firings of a digest) by a channel at an instant (ns UTC).

    `breadth` is how many symbols are rising and falling over 24 h, `moves` by how many percent each symbol has
    moved in that time, as far as is known. A template that cannot be filled in never loses a message: the usual
    wording goes out and says so.
    """
    base = Notification(
        key=_key(works),
        kind=works[0].delivery.kind,
        channel=channel,
        works=tuple(works),
        type=TYPES[works[0].delivery.kind],
        at=at,
        attempt=attempt,
        severity=Severity.INFO,
        headline="",
        language=reader_of(channel.options, at).language,
        simulated=simulated,
        is_repeat=is_repeat,
        expires_at=works[0].delivery.expires_at if len(works) == 1 else None,
    )
    tolds = [_told(base, work.firing, work.alert, public_url) for work in works if work.firing is not None]
    if not tolds:
        return _about_no_firing(base, works[0].delivery.content)
    if len(works) > 1:
        return _digest(base, tolds, moves or {}, breadth, public_url)
    return _firing(base, tolds[0], (moves or {}).get(tolds[0].firing.symbol))


def _firing(base: Notification, told: Told, change: float | None) -> Notification:
    note, has_note = _filled(told.alert.message, told)
    told = replace(told, note=clean(one_line(note), "note"))
    body, has_body = _filled(str(base.channel.options.get("template") or ""), told)
    failed = () if has_note and has_body else (told.reader.sentences.template_failed,)
    headline = firing_words.headline(told, is_repeat=base.is_repeat)
    return replace(
        base,
        severity=told.alert.severity,
        headline=headline,
        lines=(*firing_words.lines(told, change), *failed),
        note=told.note,
        more=tuple(firing_words.more(told, headline)),
        body=body,
        data=firing_payload(told),
        url=told.url,
    )


def _digest(
    base: Notification,
    tolds: Sequence[Told],
    moves: Mapping[str, float],
    breadth: tuple[int, int] | None,
    public_url: str,
) -> Notification:
    return replace(
        base,
        type=DIGEST,
        severity=digest.severity(tolds),
        headline=digest.headline(tolds, moves, breadth, is_repeat=base.is_repeat),
        lines=digest.rows(tolds),
        data=digest_payload(tolds),
        url=_address(public_url, _FEED),
    )


def _about_no_firing(base: Notification, content: Content | None) -> Notification:
    """Word a test, a notice or somebody else's signal; a firing whose record is gone is told as that."""
    reader = reader_of(base.channel.options, base.at)
    sentences, name = reader.sentences, clean(base.channel.name, "name")
    given = content or Content(title=sentences.gone)
    is_test = base.kind is Kind.TEST
    title = sentences.test_title if is_test else clean(one_line(given.title), "headline")
    lines = [sentences.test_line.format(name)] if is_test else []
    if base.simulated and is_test:
        lines.append(sentences.simulated_line)
    marks = firing_words.SEVERITIES[given.severity], sentences.simulated if base.simulated else ""
    repeat = sentences.repeat if base.is_repeat else ""
    return replace(
        base,
        severity=given.severity,
        headline=" ".join(filter(None, (*marks, title, repeat))),
        lines=(*lines, *_lines(given.text)),
        data=content_payload(given),
    )


def _lines(text: str) -> list[str]:
    return [clean(line, "note") for line in clean_lines(text).split("\n") if line.strip()]


def _told(base: Notification, firing: Firing, alert: Alert | None, public_url: str) -> Told:
    return Told(
        firing=firing,
        alert=alert or _forgotten(firing),
        reader=reader_of(base.channel.options, base.at),
        key=base.key,
        channel=base.channel.name,
        attempt=base.attempt,
        simulated=base.simulated,
        url=_address(public_url, f"{_FEED}/{firing.id}"),
    )


def _forgotten(firing: Firing) -> Alert:
    """Return what is left of an alert whose record is gone."""
    return Alert(
        id=firing.alert_id,
        number=0,
        owner="",
        name="",
        symbols=(firing.symbol,),
        condition="",
        revision=firing.revision,
    )


def _filled(text: str, told: Told) -> tuple[str, bool]:
    """Return a template filled in, and whether that went well."""
    if not text:
        return "", True
    try:
        template = Template.read(text)
        filled = template.fill(values_for(template.keys, told))
    except (InvalidInput, ValueError):  # stored by another version, or a value that is no number
        return "", False
    return filled.encode("utf-8", "replace").decode() if template.is_json else clean_lines(filled), True


def _key(works: Sequence[Work]) -> str:
    """Return the key of a message; that of a digest is the same as long as it holds the same."""
    if len(works) == 1:
        return message_key(works[0].delivery.id)
    ids = "\x1f".join(work.delivery.id for work in works)
    return message_key(f"digest_{hashlib.sha256(ids.encode()).hexdigest()[:26]}")


def _address(public_url: str, path: str) -> str:
    return f"{public_url.rstrip('/')}{path}" if public_url else ""
