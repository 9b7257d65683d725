"""The table of services: what Apprise knows under these schemes, over HTTPS only."""

import subprocess
import sys

import pytest

from crypto_portfolio_analyzer.channels.apprising.schemes import SCHEMES, scheme_of

ASK = """
import apprise.plugins, sys
found = apprise.plugins.N_MGR.schemas() if hasattr(apprise.plugins, "N_MGR") else ()
print(" ".join(sorted(found)))
"""
NEVER = """
    dbus glib kde qt gnome macosx windows syslog rsyslog mailto mailtos mqtt mqtts xmpp xmpps irc ircs ssh smpp amqp
    growl blink1 apprise apprises tgram discord json jsons xml form aprs deltachat enigma2 file exec vapid ses sns
""".split()


def test_apprise_knows_every_scheme_on_the_list():
    known = subprocess.run(
        [sys.executable, "-c", ASK], capture_output=True, text=True, check=True
    ).stdout.split()

    assert len(known) > 100
    assert set(SCHEMES) <= set(known)


@pytest.mark.parametrize("scheme", NEVER)
def test_what_reaches_beyond_https_is_not_on_it(scheme):
    assert scheme not in SCHEMES


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("ntfys://a/b", "ntfys"),
        (" NTFY://a", "ntfy"),
        ("ntfy:/a", ""),
        ("", ""),
        ("://a", ""),
        ("a b://c", "a b"),
    ],
)
def test_a_scheme_is_what_stands_before_the_mark(url, scheme):
    assert scheme_of(url) == scheme
