"""Mail as it is written: text and HTML of a notification in one message, the same id over all attempts.

The HTML sets no colours, so that it reads in light and dark; nothing in it is loaded from anywhere.
"""

from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr

from crypto_portfolio_analyzer.core.notices.markup import header, html
from crypto_portfolio_analyzer.core.notices.notification import Channel, Notification
from crypto_portfolio_analyzer.core.notices.reader import SENTENCES, reader_of

POLICY = SMTP.clone(cte_type="7bit")
_SETTINGS = "/settings"
_PICTURE = "picture"
_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<title>{title}</title></head>
<body style="font-family:sans-serif;font-size:16px;line-height:1.5;max-width:40em">
{content}
</body></html>
"""


def mail_of(
    notification: Notification, sender: str, to: str, public_url: str, picture: bytes | None
) -> bytes:
    """Return the mail that tells a notification, ready for DATA."""
    footer = _footer(notification, public_url)
    message = _empty(sender, to, notification.headline, notification.key, notification.at)
    if public_url:
        message["List-Unsubscribe"] = f"<{_settings(public_url)}>"
    message.set_content("\n".join((*_text(notification), "", "-- ", *footer)) + "\n")
    blocks = [*_blocks(notification, has_picture=picture is not None), _small(footer)]
    page = _PAGE.format(
        language=notification.language, title=html(header(notification.headline)), content="\n".join(blocks)
    )
    message.add_alternative(page, subtype="html")
    if picture is not None:
        part = message.get_payload()[1]  # type: ignore[index]  # the HTML just added
        part.add_related(picture, "image", "png", cid=f"<{_PICTURE}>", filename="chart.png")  # type: ignore[union-attr]
    return message.as_bytes()


def question_of(channel: Channel, challenge: str, sender: str, to: str, at: int) -> bytes:
    """Return the one mail that an address gets before its owner has said yes: the code, and what it is for."""
    sentences = reader_of(channel.options, at).sentences
    message = _empty(sender, to, sentences.confirm_title, f"ask_{channel.id}_{at}", at)
    message.set_content(f"{sentences.confirm_line.format(challenge)}\n\n{sentences.confirm_else}\n")
    return message.as_bytes()


def bare_address(sender: str) -> str:
    """Return the address of `Name <address>`."""
    return parseaddr(sender)[1]


def sender_domain(sender: str) -> str:
    """Return the domain that mail of a sender comes from."""
    return bare_address(sender).rpartition("@")[2]


def _empty(sender: str, to: str, subject: str, key: str, at: int) -> EmailMessage:
    message = EmailMessage(POLICY)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = header(subject)
    message["Date"] = formatdate(at // 10**9, usegmt=True)
    message["Message-ID"] = f"<{key}@{sender_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    return message


def _text(notification: Notification) -> Iterator[str]:
    if notification.body:
        yield notification.body
        return
    yield notification.headline
    yield from notification.lines
    if notification.note:
        yield SENTENCES[notification.language].quoted.format(notification.note)
    if notification.more:
        yield ""
        yield from notification.more
    if notification.url:
        yield ""
        yield notification.url


def _blocks(notification: Notification, *, has_picture: bool) -> Iterator[str]:
    sentences = SENTENCES[notification.language]
    if notification.body:
        yield f'<p style="white-space:pre-wrap">{html(notification.body)}</p>'
    else:
        yield f'<p style="font-size:20px"><b>{html(notification.headline)}</b></p>'
        yield f"<p>{'<br>'.join(map(html, notification.lines))}</p>"
        if notification.note:
            yield f"<p><i>{html(sentences.quoted.format(notification.note))}</i></p>"
    if has_picture:
        yield f'<p><img src="cid:{_PICTURE}" alt="{html(notification.headline)}" style="max-width:100%"></p>'
    if notification.more and not notification.body:
        yield _small(notification.more)
    if notification.url:
        yield f'<p><a href="{html(notification.url)}">{html(sentences.view)}</a></p>'


def _small(lines: tuple[str, ...]) -> str:
    return f'<p style="font-size:13px;opacity:.75">{"<br>".join(map(html, lines))}</p>'


def _footer(notification: Notification, public_url: str) -> tuple[str, ...]:
    sentences = SENTENCES[notification.language]
    reason = sentences.reason.format(header(notification.channel.name))
    return (reason, f"{sentences.settings}: {_settings(public_url)}") if public_url else (reason,)


def _settings(public_url: str) -> str:
    return f"{public_url.rstrip('/')}{_SETTINGS}"
