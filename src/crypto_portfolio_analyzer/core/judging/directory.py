"""The directory: on which subjects an alert sleeps, at 12 bytes a rule where a dictionary takes 100."""

from array import array
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator

_BUCKETS = 4096
_SUBJECT_BITS = 24
"""How many bits of an entry number the subject; the others are the alert's hash."""


class Directory:
    """Sorted numbers of 64 bits, alert hash above subject number, in buckets so that an insertion stays short.

    A hash may be shared: the caller looks whether the alert is really there.
    """

    def __init__(self) -> None:
        self._buckets: defaultdict[int, array[int]] = defaultdict(lambda: array("Q"))
        self._symbols: list[str] = []
        self._numbers: dict[str, int] = {}

    def add(self, alert_id: str, symbol: str) -> None:
        """Note that an alert sleeps on a subject."""
        number = self._numbers.get(symbol)
        if number is None:
            number = self._numbers[symbol] = len(self._symbols)
            self._symbols.append(symbol)
        bucket, above = _place(alert_id)
        insort(self._buckets[bucket], above | number)

    def remove(self, alert_id: str, symbol: str) -> None:
        """Note that it no longer does."""
        bucket, above = _place(alert_id)
        entries = self._buckets[bucket]
        entry = above | self._numbers[symbol]
        place = bisect_left(entries, entry)
        if place < len(entries) and entries[place] == entry:
            del entries[place]

    def symbols(self, alert_id: str) -> Iterator[str]:
        """Yield the subjects on which an alert may sleep."""
        bucket, above = _place(alert_id)
        entries = self._buckets[bucket]
        place = bisect_left(entries, above)
        while place < len(entries) and entries[place] >> _SUBJECT_BITS == above >> _SUBJECT_BITS:
            yield self._symbols[entries[place] & ((1 << _SUBJECT_BITS) - 1)]
            place += 1


def _place(alert_id: str) -> tuple[int, int]:
    value = hash(alert_id)
    return value % _BUCKETS, (value >> 12 & ((1 << 40) - 1)) << _SUBJECT_BITS
