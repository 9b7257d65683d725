"""Secrets are made, read in any form of theirs, and sign as the standard's own library verifies."""

import base64
import json

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from crypto_portfolio_analyzer.channels.kinds import Option
from crypto_portfolio_analyzer.channels.options import Options
from crypto_portfolio_analyzer.channels.signing import KEPT, new_secret, read_secret, signed
from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.errors import InvalidFields

KNOWN = (Option("secret", "secret", "the signing secret"),)


def read(given):
    options = Options(given, KNOWN, kept=KEPT)
    read_secret(options)
    return options.checked()


def test_a_secret_is_made_of_32_random_bytes():
    made = {new_secret() for _ in range(100)}

    assert len(made) == 100
    assert all(len(base64.b64decode(each.removeprefix("whsec_"))) == 32 for each in made)


def test_one_is_made_where_none_is_given():
    assert read({})["secret"] != read({})["secret"]


@pytest.mark.parametrize("size", [24, 32, 64])
def test_a_given_secret_is_kept_in_one_form(size):
    bare = base64.b64encode(bytes(range(size))).decode()

    for given in (f"whsec_{bare}", bare, bare.rstrip("=")):
        assert read({"secret": given}) == {"secret": f"whsec_{bare}"}


@pytest.mark.parametrize("given", ["short", "whsec_", "whsec_" + "!" * 40, "whsec_" + "QUJD" * 4, "A" * 88])
def test_what_cannot_sign_is_refused(given):
    with pytest.raises(InvalidFields, match="24 to 64 bytes"):
        read({"secret": given})


def test_the_standards_library_verifies_it_and_the_old_secret_signs_until_its_time_is_over():
    new, old, now = new_secret(), new_secret(), SystemClock().now()
    options = {"secret": new, "old_secret": old, "old_until": now + 1}
    body = '{"a": "ä"}'

    for secret in (new, old):
        Webhook(secret).verify(body, signed("msg_1", body, options, now))
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(body, signed("msg_1", body, options, now + 1))
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(body + " ", signed("msg_1", body, options, now))


def test_recorded_vectors_are_signed_alike(recorded_data):
    vectors = json.loads((recorded_data / "conformance" / "standard_webhooks_vectors.json").read_text())
    for vector in vectors:
        now, secret = int(vector["webhook-timestamp"]) * 10**9, {"secret": vector["secret"]}
        headers = signed(vector["webhook-id"], vector["payload"], secret, now)
        assert headers["webhook-timestamp"] == vector["webhook-timestamp"]
        if "expected_webhook-signature" in vector:
            assert headers["webhook-signature"] == vector["expected_webhook-signature"]
        else:
            assert headers["webhook-signature"] != vector["webhook-signature"]
            with pytest.raises(WebhookVerificationError):
                Webhook(vector["secret"]).verify(
                    vector["payload"], {**headers, "webhook-signature": vector["webhook-signature"]}
                )
