"""Six digits of an app that change every half minute. Source: TOTP, RFC 6238, read by pyotp."""

import hmac
from base64 import b32encode
from secrets import token_bytes
from unicodedata import decimal, normalize

import pyotp
from flask import current_app

from forum.accounts import used_codes
from forum.core.clock import now

SIZE = 20  # bytes of a secret; RFC 4226 section 4
STEP = 30  # seconds
DIGITS = 6
DRIFT = 1  # steps that a clock may be off
TYPED_MAX = 64  # characters of a try that are read


def new_secret() -> bytes:
    """Random secret for an app: 20 bytes."""
    return token_bytes(SIZE)


def in_letters(secret: bytes) -> str:
    """A secret as people type it: 32 letters and digits of base32."""
    return b32encode(secret).decode()


def uri(secret: bytes) -> str:
    """Address that an app reads from a QR code; its label is the site's name and nothing else."""
    app = pyotp.TOTP(in_letters(secret))
    return app.provisioning_uri(name=str(current_app.config["SITE_NAME"]))


def digits(typed: str) -> str:
    """Digits of a try, without blanks and signs; those of other scripts become 0 to 9."""
    found = (decimal(sign, None) for sign in normalize("NFKC", typed[:TYPED_MAX]))
    return "".join(str(each) for each in found if each is not None)


def use(secret: bytes, typed: str) -> bool:
    """True for the digits of now, or of a step beside, which then are used up with all before.

    Call inside a unit of work, under the account's lock.
    """
    counter = _counter(secret, digits(typed))
    if counter is None:
        return False
    before = (str(counter - step) for step in range(1, 2 * DRIFT + 1))
    return used_codes.use(secret, str(counter), *before)


def _counter(secret: bytes, tried: str) -> int | None:
    """Step whose digits were typed; None for any other digits."""
    app, here = pyotp.HOTP(in_letters(secret)), int(now().timestamp()) // STEP
    steps = range(here - DRIFT, here + DRIFT + 1)
    right = [step for step in steps if hmac.compare_digest(app.at(step), tried)]
    return right[-1] if right and len(tried) == DIGITS else None
