"""Answers of the Bot API that are not failures but ask for another way; importing them costs nothing."""


class Unreadable(Exception):
    """The server could not read the markup of a text: a fault of ours."""


class Moved(Exception):
    """The chat has become another one, a group a supergroup."""

    def __init__(self, chat: int) -> None:
        super().__init__(chat)
        self.chat = chat
