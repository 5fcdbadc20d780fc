"""Headers that hold words of an operator: encoded so that every mail program reads them back.

The library's own folding drops the quotes of a name with a comma beside an accent, and one mailbox
becomes two. So these lines are written here, whole.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import getaddresses, parseaddr

NAME_MAX = 100  # characters of a display name
WORD_MAX = 45  # bytes in one encoded word, which has 75 characters at most
ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]+", re.ASCII)
FOLD = "\r\n "


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name, or "", and an address."""

    name: str
    address: str

    def __str__(self) -> str:
        """Value of a header. Source: name-addr of RFC 5322 section 3.4."""
        if not self.name:
            return f"<{self.address}>"
        if _is_plain(self.name):
            quoted = self.name.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{quoted}" <{self.address}>'
        return f"{_encoded(self.name)} <{self.address}>"


def unstructured(text: str) -> str:
    """Value of a header of words, such as Subject. Source: RFC 2047 section 5."""
    text = one_line(text)
    return text if _is_plain(text) else _encoded(text)


def address_in(setting: str) -> str:
    """Address of a setting that holds one, with a name or without; else ""."""
    address = parseaddr(setting)[1]
    return address if ADDRESS.fullmatch(address) else ""


def one_line(text: str) -> str:
    """`text` without line ends, control characters and runs of blanks."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def display_name(text: str) -> str:
    """Name as shown by mail programs, NAME_MAX characters at most."""
    return one_line(text)[:NAME_MAX].strip()


def survive(sent: bytes, sender: Mailbox, reply_to: Mailbox | None, subject: str) -> bool:
    """True if a message reads back with these headers."""
    read = message_from_bytes(sent)
    return (
        mailboxes(read["From"]) == [sender]
        and mailboxes(read["Reply-To"]) == ([reply_to] if reply_to else [])
        and _decoded(read["Subject"]) == one_line(subject)
    )


def mailboxes(header: str | None) -> list[Mailbox]:
    """Mailboxes of a header as received.

    The newer parser of the library puts a blank between two encoded words of a name, so this one
    reads them. Source: RFC 2047 section 6.2.
    """
    return [
        Mailbox(_decoded(name), address)
        for name, address in getaddresses([header] if header else [])
    ]


def _decoded(text: str) -> str:
    return str(make_header(decode_header(text)))


def _is_plain(text: str) -> bool:
    return text.isascii() and "=?" not in text


def _encoded(text: str) -> str:
    """Encoded words, one a line. Source: RFC 2047 section 2."""
    return FOLD.join(f"=?utf-8?b?{b64encode(each).decode()}?=" for each in _pieces(text))


def _pieces(text: str) -> Iterator[bytes]:
    """UTF-8 in pieces of WORD_MAX bytes, with no character cut in two."""
    piece = b""
    for sign in text:
        if len(piece) + len(sign.encode()) > WORD_MAX:
            yield piece
            piece = b""
        piece += sign.encode()
    yield piece
