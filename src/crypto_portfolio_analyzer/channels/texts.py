"""Messages as plain text, for media without room or markup: what matters first, cut so that it fits."""

from collections.abc import Callable

from crypto_portfolio_analyzer.core.notices.graphemes import cut, width
from crypto_portfolio_analyzer.core.notices.notification import Notification


def paragraphs(notification: Notification) -> str:
    """Return a message below its headline: its lines, and the owner's own words after an empty line."""
    parts = ("\n".join(notification.lines), notification.note)
    return "\n\n".join(part for part in parts if part)


def whole(notification: Notification) -> str:
    """Return a message as one text: the owner's own template, or the headline and what is below it."""
    if notification.body:
        return notification.body
    return "\n".join(part for part in (notification.headline, paragraphs(notification)) if part)


def fitted(text: str, fits: Callable[[str], bool]) -> str:
    """Return the longest beginning of a text that fits, whole graphemes and an ellipsis; `fits` takes less gladly."""
    if fits(text):
        return text
    low, high = 0, width(text)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(cut(text, middle)) else (low, middle)
    return cut(text, low) if low else ""


def utf16_units(text: str) -> int:
    """Return how long a text is to those who count UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
