"""A passkey in software: what a device does with a page's options, and may do wrong."""

import json
from hashlib import sha256
from html import unescape
from secrets import token_bytes

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestedCredentialData

from tests.page import Page

PRESENT, VERIFIED, ATTESTED = 1, 4, 64  # flags of authenticator data


def options_of(page):
    """Options and form of a page that asks for a passkey."""
    [(form, box)] = [
        (form, box)
        for form in Page(page).all("form")
        for box in form.walk()
        if box.get("data-options")
    ]
    options = json.loads(unescape(box["data-options"]))
    return options, form.fields(), box.get("data-action") or form["action"]


class Device:
    """A phone with one passkey. counter: of signatures. flags: with each; origin: as it says."""

    def __init__(self, origin="http://localhost", site="localhost"):
        self.origin, self.site, self.counter = origin, site, 1
        self.flags = PRESENT | VERIFIED
        self.key, self.id, self.handle = (
            ec.generate_private_key(ec.SECP256R1()),
            token_bytes(32),
            b"",
        )

    def make(self, options):
        """The answer to options of a new passkey."""
        self.handle = websafe_decode(options["user"]["id"])
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(Aaguid(bytes(16)), self.id, public)
        data = self._data(self.flags | ATTESTED) + bytes(credential)
        attested = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", options)
        return self._answer(clientDataJSON=said, attestationObject=attested)

    def sign(self, options, *, counts=True):
        """The answer to options of a signature."""
        self.counter += counts
        data, said = self._data(self.flags), self._said("webauthn.get", options)
        signature = self.key.sign(data + sha256(said).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=said, authenticatorData=data, signature=signature, userHandle=self.handle
        )

    def _data(self, flags):
        site = sha256(self.site.encode()).digest()
        return site + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _said(self, kind, options):
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said).encode()

    def _answer(self, **response):
        known = websafe_encode(self.id)
        parts = {name: websafe_encode(part) for name, part in response.items()}
        return json.dumps({"id": known, "rawId": known, "type": "public-key", "response": parts})


def make(client, device=None, name="This phone"):
    """Make a passkey on "One more lock"; gives (device, the page that came)."""
    device = device or Device()
    options, sent, action = options_of(client.submit("/account/lock/passkey"))
    answer = device.make(options)
    return device, client.post(action, data=sent | {"answer": answer, "name": name})


def asks(client):
    """Options, fields and address of the sign-in page's question."""
    return options_of(client.get("/sign-in"))


def sign_in_by(client, phone, **fields):
    """Sign in with a passkey alone."""
    options, sent, action = asks(client)
    return client.post(action, data=sent | {"answer": phone.sign(options)} | fields)
