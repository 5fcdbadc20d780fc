"""Export of a member's own texts, under every name: made on request, never stored."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pyzipper

from forum.checker import LABELS, Severity, check
from forum.circles import queries as circles
from forum.circles.models import Circle
from forum.core.clock import now
from forum.discussions import drafts, post_queries, read_marks
from forum.discussions.composer import Reflection
from forum.discussions.models import Post, Reply, Thread
from forum.offboarding.sheets import sheet
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode
from forum.web.urls import address, full_url

NAME = "words"  # neutral file name


@dataclass(frozen=True, slots=True)
class Copy:
    """Zip file to send."""

    name: str
    content: bytes


def words_of(member_id: UUID, language: str) -> Copy:
    """All that a member wrote in their circles: `words.md` to read, `words.xlsx` for spreadsheets,
    `words.json` for programs.

    Own words only: a reflection they answered is given by day and link, their own by title. Circles
    that they left, or were removed from, are in it until the membership is purged. Posts in which
    somebody could be recognised say so: who takes the copy elsewhere is told what to leave out.
    language: of the texts, as the checker reads them.
    """
    return _copy([_circle(*place, language) for place in _places(member_id)], _zipped)


def _copy(exported: list[dict[str, Any]], zipped: Callable[[dict[str, bytes]], bytes]) -> Copy:
    today = now().date()
    whole = {"made_on": today.isoformat(), "circles": exported}
    plain = json.dumps(whole, ensure_ascii=False, indent=2)
    files = {
        f"{NAME}.json": plain.encode(),
        f"{NAME}.md": _markdown(exported).encode(),
        f"{NAME}.xlsx": sheet(exported, today),
    }
    return Copy(f"{NAME}.zip", zipped(files))


def openly_of(member_id: UUID, language: str, password: str) -> Copy:
    """Posts and drafts under the own name alone, in a zip under a password.

    For somebody who cannot sign in: a link to it passes through other hands, so nothing in it ties
    a hidden or an invented name to a person. language: as of words_of.
    """
    exported = []
    for place in circles.held_places(member_id):  # also of a suspended account
        standing = circles.former_standing(place)
        exported.append(_circle(circles.circle(standing), standing, language, openly=True))
    return _copy(exported, partial(_locked, password))


def _places(member_id: UUID) -> Iterator[tuple[Circle, Standing]]:
    """Circles of a member, and circles left in the days of grace."""
    for place in circles.places(member_id):
        yield circles.circle(place.standing), place.standing
    for left in circles.left_places(member_id):
        standing = circles.former_standing(left)
        yield circles.circle(standing), standing


def _circle(
    home: Circle, standing: Standing, language: str, *, openly: bool = False
) -> dict[str, Any]:
    rural = home.rural
    own = post_queries.own(standing)
    if openly:
        own = {key: each for key, each in own.items() if each.author.mode is AuthorMode.OWN_NAME}
    answered = _answered(standing, own)
    posts = [
        _post(post, language, rural=rural)
        | ({"in_reply_to": answered[post.thread_id]} if isinstance(post, Reply) else {})
        for post in own.values()
    ]
    return {
        "name": home.name,
        "posts": posts,
        "drafts": [_draft(words) for words in _drafts(standing) if not openly or _is_open(words)],
        "notes": [] if openly else _notes(standing),
    }


def _drafts(standing: Standing) -> list[Any]:
    return [drafts.words(each) for each in drafts.own(standing)]


def _is_open(words: Any) -> bool:
    """True for a draft under the own name; False while no name is chosen."""
    return words.mode is AuthorMode.OWN_NAME


def _notes(standing: Standing) -> list[str]:
    return [mark.note for mark in read_marks.saved([standing]) if mark.note.strip()]


def _answered(standing: Standing, own: Mapping[UUID, Post]) -> dict[UUID, dict[str, str]]:
    """Reflections that own replies answer, by thread: day and link, and the title of one's own."""
    ids = {post.thread_id for post in own.values() if isinstance(post, Reply)}
    found = dict[UUID, dict[str, str]]()
    for thread_id, day in post_queries.days_of_threads(standing, ids).items():
        path = address("discussions.show", circle_id=standing.circle_id, thread_id=thread_id)
        found[thread_id] = {"on": day.isoformat(), "link": full_url(path)}
        if isinstance(mine := own.get(thread_id), Thread):
            found[thread_id]["title"] = mine.title
    return found


def _post(post: Post, language: str, *, rural: bool) -> dict[str, Any]:
    changed = post_queries.as_it_will_be(post)
    body = changed.body
    shared = {
        "written_as": post.author.name,
        "name_kind": str(post.author.mode),
        "on": post.appears_at.date().isoformat(),  # for masks the day of the slot
        "edited": post.edited,
        "details": _details(f"{getattr(post, 'title', '')}\n\n{body}", language, rural=rural),
        "body": body,
    }
    if isinstance(post, Thread):
        return {
            "kind": "reflection",
            "title": post.title,
            "template": post.template,
            "fields": post.fields,
            "content_notes": [str(note) for note in post.content_notes],
        } | shared
    day = getattr(changed, "report_on", "")
    return {"kind": str(getattr(post, "kind", "reply"))} | shared | _day_of(day)


def _day_of(day: str) -> dict[str, str]:
    """The day on which the writer of an action means to tell how it went, if it has one."""
    return {"to_tell_how_it_went_on": day} if day else {}


def _details(text: str, language: str, *, rural: bool) -> list[str]:
    """Sorts of details in a text by which somebody could be recognised, each named once."""
    found = check(text, rural=rural, language=language)
    kinds = {each.kind for each in found if each.severity is not Severity.NUDGE}
    return [LABELS[kind] for kind in sorted(kinds)]


def _draft(words: Any) -> dict[str, Any]:
    title = {"title": words.title} if isinstance(words, Reflection) else {}
    return title | {"body": words.body} | _day_of(getattr(words, "report_on", ""))


def _markdown(exported: list[dict[str, Any]]) -> str:
    parts = []
    for circle in exported:
        parts.append(f"# {circle['name']}")
        for post in circle["posts"]:
            parts.append(f"## {post.get('title') or post['kind'].replace('_', ' ')}")
            parts.append(f"*{post['written_as']}, {post['on']}*")
            if post["details"]:
                parts.append(f"*Could identify somebody: {', '.join(post['details'])}*")
            if answered := post.get("in_reply_to"):
                title = answered.get("title", "a reflection")
                parts.append(f"*In reply to {title}, {answered['on']}: <{answered['link']}>*")
            parts += _told(post)
        for draft in circle["drafts"]:
            parts.append(f"## {draft.get('title') or 'draft'} (not posted)")
            parts += _told(draft)
        for note in circle["notes"]:
            parts.append("## note to yourself, on a thread you saved")
            parts.append(note)
    return "\n\n".join(parts) + "\n"


def _told(text: dict[str, Any]) -> list[str]:
    """Body of a post or draft, with the day of an action below it."""
    day = text.get("to_tell_how_it_went_on")
    return [text["body"], f"*To tell how it went on {day}*"] if day else [text["body"]]


def _zipped(files: dict[str, bytes]) -> bytes:
    into = BytesIO()
    with ZipFile(into, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = ZipInfo(name)  # dated with the format's epoch, not the present hour
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, content)
    return into.getvalue()


def _locked(password: str, files: dict[str, bytes]) -> bytes:
    """Zip under a password. Source: AES-256 of WinZip's AE-2 format."""
    into = BytesIO()
    settings = {"compression": ZIP_DEFLATED, "encryption": pyzipper.WZ_AES}
    with pyzipper.AESZipFile(into, "w", **settings) as archive:
        archive.setpassword(password.encode())
        for name, content in files.items():
            entry = pyzipper.zipfile_aes.AESZipInfo(name)  # dated as in _zipped
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, content)
    return into.getvalue()
