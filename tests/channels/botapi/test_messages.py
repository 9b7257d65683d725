"""Messages of the Bot API: buttons as it wants them, and what its refusals mean for a delivery."""

import pytest
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetMe

from crypto_portfolio_analyzer.channels.botapi.messages import failure_of_answer, keyboard
from crypto_portfolio_analyzer.channels.telegram_buttons import Button

ME = GetMe()
FOREIGN = "what the server wrote"


@pytest.mark.parametrize(
    ("error", "status", "marks"),
    [
        (TelegramRetryAfter(ME, FOREIGN, 41), 429, ("transient", "retry_after")),
        (TelegramForbiddenError(ME, FOREIGN), 403, ("disables",)),
        (TelegramUnauthorizedError(ME, FOREIGN), 401, ("transient", "is_config")),
        (TelegramNotFound(ME, FOREIGN), 404, ("transient", "is_config")),
        (TelegramBadRequest(ME, "Bad Request: chat not found"), 400, ("disables",)),
        (TelegramBadRequest(ME, "Bad Request: PEER_ID_INVALID"), 400, ("disables",)),
        (TelegramBadRequest(ME, FOREIGN), 400, ("transient", "is_config")),
        (TelegramServerError(ME, FOREIGN), 500, ("transient",)),
        (TelegramConflictError(ME, FOREIGN), None, ("transient",)),
        (TelegramAPIError(ME, FOREIGN), None, ("transient",)),
    ],
)
def test_every_refusal_has_its_meaning(error, status, marks):
    failure = failure_of_answer(error)
    every = ("transient", "disables", "is_config", "is_unknown", "retry_after")

    assert failure.status == status
    assert tuple(mark for mark in every if getattr(failure, mark)) == marks
    assert FOREIGN not in repr(failure)


def test_buttons_hear_copy_open_and_are_coloured():
    made = keyboard(
        (
            (Button("a", "v1:a:b"), Button("b", copy="price > 1")),
            (Button("c", url="https://x.y", style="danger"),),
        )
    )

    assert made is not None
    assert [[each.model_dump(exclude_none=True) for each in row] for row in made.inline_keyboard] == [
        [{"text": "a", "callback_data": "v1:a:b"}, {"text": "b", "copy_text": {"text": "price > 1"}}],
        [{"text": "c", "url": "https://x.y", "style": "danger"}],
    ]


def test_no_rows_are_no_keyboard():
    assert keyboard(()) is None
