"""Ceremonies of WebAuthn, checked by fido2: challenges, new passkeys, and their signatures.

A challenge travels sealed through the browser, works for five minutes and once. The site is named
by SITE_URL alone; an address of numbers can have no passkeys. Source: Web Authentication Level 3.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from logging import WARNING, getLogger
from secrets import token_bytes
from typing import Any
from urllib.parse import urlsplit

from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    CredentialCreationOptions,
    CredentialRequestOptions,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from flask import current_app

from forum.accounts import used_codes
from forum.core import tokens
from forum.core.clock import now

LIFE = 300  # seconds of a challenge
SIZE = 32  # bytes of a challenge, and of a user handle
ANSWER_MAX = 16_384  # characters of a browser's answer
MARK = b"webauthn-challenge"  # in place of an account's secret: a challenge is of nobody

getLogger("fido2").setLevel(WARNING)  # its other lines name credentials


class Ceremony(StrEnum):
    """Purpose of a challenge; an answer to one is none to another."""

    MAKE = "passkey-make"
    SIGN_IN = "passkey-sign-in"
    AGAIN = "passkey-again"


class Refused(Exception):
    """Invalid answer. The message is for tests; no page shows it."""


@dataclass(frozen=True, slots=True)
class Question:
    """Request of a page to a browser. options: for the script. challenge: sealed, sent back."""

    options: dict[str, Any]
    challenge: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer of a browser to a challenge, before any check against a key."""

    credential_id: bytes
    handle: bytes
    counter: int
    challenge: str
    sent: dict[str, Any]


def is_possible() -> bool:
    """True if the site has a name; browsers give no passkeys to addresses of numbers."""
    try:
        ip_address(_host())
    except ValueError:
        return True
    return False


def question_to_make(handle: bytes, known: list[bytes], whose: str) -> Question:
    """Options of a new passkey. Its names are the site's, and tell nothing of a person.

    known: the account's passkeys in fido2's form; a device with one of them makes no second.
    """
    site = str(current_app.config["SITE_NAME"])
    user = PublicKeyCredentialUserEntity(id=handle, name=site, display_name=site)
    options, state = _server().register_begin(
        user,
        [AttestedCredentialData(each) for each in known],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=token_bytes(SIZE),
    )
    return Question(_json(options), _sealed(state["challenge"], Ceremony.MAKE, whose))


def question_to_sign(ceremony: Ceremony, whose: str = "") -> Question:
    """Options of a signature by any passkey of the site, which the person picks."""
    options, state = _server().authenticate_begin(
        user_verification=UserVerificationRequirement.REQUIRED, challenge=token_bytes(SIZE)
    )
    return Question(_json(options), _sealed(state["challenge"], ceremony, whose))


def made(challenge: str, sent: str | None) -> tuple[bytes, bytes, int]:
    """Credential id, passkey in fido2's form, and counter of a new passkey. Raises Refused."""
    answer = _read(sent)
    try:
        proved = _server().register_complete(_state(challenge), answer)
        credential = proved.credential_data
    except Exception as error:  # a browser may send anything, and fido2 raises as many kinds
        raise Refused(str(error)) from error
    if credential is None:
        raise Refused("no credential")
    return credential.credential_id, bytes(credential), proved.counter


def answered(sealed: str | None, sent: str | None, ceremony: Ceremony, whose: str = "") -> Answer:
    """Answer of a browser, parsed but not checked. Raises Refused."""
    challenge, answer = challenge_of(sealed, ceremony, whose), _read(sent)
    try:
        read = AuthenticationResponse.from_dict(answer)
        handle = read.response.user_handle or b""
        counter = read.response.authenticator_data.counter
    except Exception as error:  # as above
        raise Refused(str(error)) from error
    return Answer(read.raw_id, handle, counter, challenge, answer)


def check(answer: Answer, passkey: bytes) -> None:
    """Check origin, site, challenge, presence, verification and signature. Raises Refused."""
    known = [AttestedCredentialData(passkey)]
    try:
        _server().authenticate_complete(_state(answer.challenge), known, answer.sent)
    except Exception as error:  # as above
        raise Refused(str(error)) from error


def use(challenge: str) -> None:
    """Use up a challenge, inside a unit of work and under the account's lock. Raises Refused."""
    if not used_codes.use(MARK, challenge):
        raise Refused("challenge used")


def _server() -> Fido2Server:
    """The site as fido2 knows it. Attestation tells makes and models, and is not asked for."""
    origin = str(current_app.config["SITE_URL"]).rstrip("/")
    return Fido2Server(
        PublicKeyCredentialRpEntity(id=_host(), name=str(current_app.config["SITE_NAME"])),
        attestation=AttestationConveyancePreference.NONE,
        verify_origin=lambda sent: sent == origin,
    )


def _host() -> str:
    return urlsplit(str(current_app.config["SITE_URL"])).hostname or ""


def _state(challenge: str) -> dict[str, object]:
    return {"challenge": challenge, "user_verification": UserVerificationRequirement.REQUIRED}


def _json(options: CredentialCreationOptions | CredentialRequestOptions) -> dict[str, Any]:
    """Options as a page can hold them, with bytes in base64url."""
    found: dict[str, Any] = json.loads(json.dumps(dict(options)["publicKey"]))
    return found


def _sealed(challenge: str, ceremony: Ceremony, whose: str) -> str:
    known = [challenge, whose, int(now().timestamp())]
    return tokens.sealed(json.dumps(known), ceremony)


def challenge_of(sealed: str | None, ceremony: Ceremony, whose: str = "") -> str:
    """Challenge that a page sent back. Raises Refused after LIFE, for another account or use."""
    plain = tokens.opened(sealed, ceremony)
    if plain is None:
        raise Refused("no challenge of ours")
    challenge, for_whom, made_at = json.loads(plain)
    if for_whom != whose or not 0 <= now().timestamp() - made_at <= LIFE:
        raise Refused("challenge too old, or another account's")
    return str(challenge)


def _read(sent: str | None) -> dict[str, Any]:
    try:
        found = json.loads((sent or "")[:ANSWER_MAX])
    except (ValueError, RecursionError) as error:
        raise Refused("no JSON") from error
    if not isinstance(found, dict):
        raise Refused("no answer")
    return found
