"""English, as it is read: every command's answer against a golden file."""

from pathlib import Path

from tests.bot.golden import transcript

GOLDEN = Path(__file__).parent / "golden.en.html.txt"


async def test_every_command_answers_in_english(tmp_path, sqlite_template):
    assert await transcript(tmp_path, sqlite_template, "en") == GOLDEN.read_text()
