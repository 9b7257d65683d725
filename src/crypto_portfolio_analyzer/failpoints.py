"""Places where a test may have the process die, as in a power cut; in ordinary life they are nothing.

`CRYPTO_ANALYZER_TEST_FAILPOINT=before_commit:3` kills the process when it reaches that place for the third time.
"""

import os
import signal
from collections import Counter

VARIABLE = "CRYPTO_ANALYZER_TEST_FAILPOINT"
_reached: Counter[str] = Counter()


def reach(name: str) -> None:
    """Die at once, without any goodbye, if the environment asks for it here and now."""
    wanted, _, times = os.environ.get(VARIABLE, "").partition(":")
    if wanted != name:
        return
    _reached[name] += 1
    if _reached[name] == int(times or 1):
        os.kill(os.getpid(), signal.SIGKILL)
