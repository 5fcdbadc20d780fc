"""Content of a learning note, as stored in its row."""

from dataclasses import dataclass, field
from datetime import date

from forum.core.stored_json import StoredAsJson

BLOCK = 1024  # bytes; a short note, an emptied note and a new one have rows of one size


@dataclass(frozen=True, slots=True)
class NoteContent(StoredAsJson):
    """Words of a member on their own learning, and what a scheme asks about them.

    thread_mark: keyed mark of the thread that the note is about; "" for none.
    form_mark: key of the form that created the note, so that a form sent twice creates one.
    """

    learned: str = field(default="", repr=False)
    will_change: str = field(default="", repr=False)
    evidence: str = field(default="", repr=False)
    title: str = field(default="", repr=False)
    day: date = date.min  # in the writer's own time zone
    minutes: int = 0  # own estimate
    scheme: str = ""
    kind: str = ""
    domain: str = ""
    split: dict[str, int] = field(default_factory=dict)  # kind -> minutes, of `minutes`
    ticks: tuple[str, ...] = ()
    thread_mark: str = ""
    form_mark: str = ""
    deleted: bool = False

    def padded(self) -> bytes:
        """JSON, with blanks up to a whole number of blocks."""
        plain = self.to_json().encode()
        return plain.ljust(BLOCK * (len(plain) // BLOCK + 1) - 1)  # -1: a seal adds a byte
