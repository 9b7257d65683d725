"""Logs: one harmless line per message, as text or JSON, without secrets."""

import io
import json
import logging
import stat

import pytest

from crypto_portfolio_analyzer import logs

HOSTILE = "x\n2026-01-01 ERROR forged \x1b[2J \x9b31m \u202egnp.exe"


@pytest.fixture
def speak():
    """Log through a fresh handler; what was written is its `stream`."""
    stream = io.StringIO()

    def configure(form="console", level="info", **options):
        logs.configure(level, form, stream=stream, **options)
        return logging.getLogger("crypto_portfolio_analyzer.streaming.test"), stream

    before = logging.getLogger().level
    yield configure
    for handler in [each for each in logging.getLogger().handlers if getattr(each, "is_ours", False)]:
        logging.getLogger().removeHandler(handler)
        handler.close()
    logging.getLogger().setLevel(before)
    logging.getLogger(logs.ROOT).setLevel(logging.NOTSET)
    logging.getLogger("crypto_portfolio_analyzer.streaming").setLevel(logging.NOTSET)


def test_json_lines_hold_sentence_level_logger_time_and_fields(speak):
    logger, stream = speak("json")

    logger.info("stream connected", extra={"venue": "binance", "attempt": 2, "price": 1.5, "ok": True})

    line = json.loads(stream.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "stream connected",
        "level": "info",
        "logger": "crypto_portfolio_analyzer.streaming.test",
        "venue": "binance",
        "attempt": 2,
        "price": 1.5,
        "ok": True,
    }


def test_console_lines_hold_the_same(speak):
    logger, stream = speak()

    logger.warning("stream lost", extra={"venue": "kraken"})

    assert "[warning  ] stream lost" in stream.getvalue()
    assert "venue=kraken" in stream.getvalue()


@pytest.mark.parametrize("form", ["console", "json"])
def test_hostile_text_stays_on_its_line(speak, form):
    logger, stream = speak(form)

    logger.info("a frame %s", HOSTILE, extra={"detail": HOSTILE, "parts": [HOSTILE, {"k": HOSTILE}]})

    written = stream.getvalue()
    assert written.count("\n") == 1
    assert not set(written) & {"\x1b", "\x9b", "\u202e"}


def test_a_traceback_cannot_forge_a_line(speak):
    logger, stream = speak()

    try:
        raise ValueError(HOSTILE)
    except ValueError:
        logger.exception("it broke")

    first, *others = stream.getvalue().splitlines()
    assert "it broke" in first
    assert all(line.startswith("  ") for line in others)
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize(
    "fields",
    [
        {"api_key": "hush-hush"},
        {"bot_token": "hush-hush"},
        {"headers": {"Authorization": "hush-hush"}},
        {"url": "postgresql://me:hush-hush@db/x"},
        {"path": "/ws?ticket=hush-hush"},
        {"header": "Bearer hush-hush"},
        {"text": "the value hush-hush turned up"},
    ],
)
def test_secrets_never_appear(speak, fields):
    logger, stream = speak("json", secrets=["hush-hush"])

    logger.info("something", extra=fields)

    assert "hush-hush" not in stream.getvalue()
    assert "something" in stream.getvalue()


def test_debug_mode_of_the_streaming_documents_works(speak):
    logger, stream = speak()
    logger.debug("unheard")

    logging.getLogger("crypto_portfolio_analyzer.streaming").setLevel(logging.DEBUG)
    logger.debug("heard")

    assert "heard" in stream.getvalue()
    assert "unheard" not in stream.getvalue()


def test_other_libraries_speak_from_warning_on(speak):
    _, stream = speak(level="debug")

    logging.getLogger("somebody.else").info("unheard")
    logging.getLogger("somebody.else").warning("heard")

    assert "unheard" not in stream.getvalue()
    assert "heard" in stream.getvalue()


def test_configuring_again_replaces_the_handler(speak):
    logger, stream = speak()
    speak()

    logger.info("once")

    assert stream.getvalue().count("once") == 1


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_file_is_begun_anew_at_its_size_and_no_line_is_torn_or_lost(speak, tmp_path, form):
    path = tmp_path / "logs" / "analyzer.log"
    logger, stream = speak(form, file=logs.LogFile(path, most_bytes=2000, earlier=50))

    for number in range(100):
        logger.info("one of many", extra={"number": number, "detail": HOSTILE})

    files = [path, *(path.with_name(f"{path.name}.{number}") for number in range(1, 51))]
    kept = [file for file in files if file.exists()]
    lines = [line for file in reversed(kept) for line in file.read_text().splitlines()]
    assert len(kept) > 5
    assert all(file.stat().st_size <= 2000 for file in kept)
    assert len(lines) == 100
    assert all("one of many" in line for line in lines)
    assert stream.getvalue() == ""


def test_only_so_many_earlier_files_stay(speak, tmp_path):
    path = tmp_path / "analyzer.log"
    logger, _ = speak("json", file=logs.LogFile(path, most_bytes=500, earlier=2))

    for number in range(50):
        logger.info("one of many", extra={"number": number})

    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "analyzer.log",
        "analyzer.log.1",
        "analyzer.log.2",
    ]
    assert json.loads(path.read_text().splitlines()[-1])["number"] == 49


def test_a_log_file_is_its_owners_even_if_it_was_there(speak, tmp_path):
    path = tmp_path / "analyzer.log"
    path.touch(mode=0o644)
    logger, _ = speak("json", file=logs.LogFile(path, most_bytes=200, earlier=1))

    for _ in range(5):
        logger.info("something", extra={"token": "hush-hush"})

    for each in tmp_path.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600
        assert "hush-hush" not in each.read_text()


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "taken").touch()

    with pytest.raises(OSError, match="taken"):
        logs.configure(file=logs.LogFile(tmp_path / "taken" / "analyzer.log", most_bytes=0, earlier=1))
