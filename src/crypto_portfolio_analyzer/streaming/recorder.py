"""Recorder: raw frames with their receive times, losslessly, to a packed file beside the live path."""

import asyncio
import gzip
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.exchanges.recordings import Record, RecordKind, write_header, write_record
from crypto_portfolio_analyzer.streaming.venue import VenueFeed

FLUSH_EVERY = 0.5
MAX_WAITING = 256 << 20
"""Bytes that may wait for the disk; what comes beyond is lost, counted and told."""
_LEVEL = 3


class RecordingStats(Struct):
    """What was written; `lost` frames came while the disk was too slow."""

    frames: int = 0
    bytes: int = 0
    lost: int = 0
    connections: int = 0


class Recorder:
    """Writes what one venue sends to `path` (gzip), each flush a member of its own, so that a cut file is readable."""

    def __init__(self, feed: VenueFeed, path: Path, clock: Clock, *, software: str, url: str = "") -> None:
        self._feed, self._path, self._clock = feed, path, clock
        self._header = write_header(feed.exchange.name, url, software)
        self._waiting: list[Record] = []
        self._size = 0
        self._lines: set[str] = set()
        self.stats = RecordingStats()

    async def run(self, seconds: float | None = None) -> RecordingStats:
        """Record for a while, or until cancelled; what came is on disk when this returns.

        Raises:
            InvalidInput: the file exists or cannot be written.

        """
        try:
            file = self._path.open("xb")
        except FileExistsError:
            raise InvalidInput(f"{self._path} exists; give another name") from None
        except OSError as error:
            raise InvalidInput(f"{self._path} cannot be written: {error.strerror}") from error
        with file:
            file.write(gzip.compress(self._header, _LEVEL))
            self._feed.taps.append(self._tap)
            try:
                await self._flush_for(file, seconds)
            finally:
                self._feed.taps.remove(self._tap)
                self._write(file, self._taken())
        return self.stats

    async def _flush_for(self, file: BinaryIO, seconds: float | None) -> None:
        until = None if seconds is None else self._clock.monotonic() + seconds
        while until is None or self._clock.monotonic() < until:
            left = FLUSH_EVERY if until is None else min(FLUSH_EVERY, until - self._clock.monotonic())
            await self._clock.sleep(max(left, 0.0))
            await self._flush(file)

    async def _flush(self, file: BinaryIO) -> None:
        """Write in a thread; a cancelled flush is waited for, so that nothing is lost or out of order."""
        writing = asyncio.get_running_loop().run_in_executor(None, self._write, file, self._taken())
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing
            raise

    def _tap(self, kind: RecordKind, line: str, frame: bytes, at: int) -> None:
        if self._size > MAX_WAITING:
            self.stats.lost += 1
            return
        if line not in self._lines:
            self._lines.add(line)
            self._waiting.append(Record(RecordKind.OPENED, at, line))
            self.stats.connections += 1
        self._waiting.append(Record(kind, at, line, frame))
        self._size += len(frame)
        self.stats.frames += kind is RecordKind.RECEIVED
        if kind is RecordKind.CLOSED:
            self._lines.discard(line)

    def _taken(self) -> list[Record]:
        taken, self._waiting, self._size = self._waiting, [], 0
        return taken

    def _write(self, file: BinaryIO, records: list[Record]) -> None:
        if not records:
            return
        packed = BytesIO()
        with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=_LEVEL) as member:
            for record in records:
                member.write(write_record(record))
        file.write(packed.getvalue())
        file.flush()
        self.stats.bytes += len(packed.getvalue())


async def record(
    feed: VenueFeed, path: Path, clock: Clock, *, software: str, url: str = "", duration: float | None = None
) -> RecordingStats:
    """Record what a venue sends to `path` for `duration` seconds; see `Recorder.run`."""
    return await Recorder(feed, path, clock, software=software, url=url).run(duration)
