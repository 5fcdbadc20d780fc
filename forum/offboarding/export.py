"""Export of a member's own texts, under every name: made on request, never stored."""

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from forum.checker import LABELS, Severity, check
from forum.circles import queries as circles
from forum.circles.models import Circle
from forum.core.clock import now
from forum.discussions import drafts, post_queries, read_marks
from forum.discussions.composer import Reflection
from forum.discussions.models import Post, Thread
from forum.policy.standing import Standing

NAME = "words"  # neutral file name


@dataclass(frozen=True, slots=True)
class Copy:
    """Zip file to send."""

    name: str
    content: bytes


def words_of(member_id: UUID, language: str) -> Copy:
    """All that a member wrote in their circles: `words.md` to read, `words.json` for programs.

    Own words only: of what they answered, not even the title. Circles that they left, or were
    removed from, are in it until the membership is purged. Posts in which somebody could be
    recognised say so: who takes the copy elsewhere is told what to leave out.
    language: of the texts, as the checker reads them.
    """
    exported = [
        _circle(circles.circle(place.standing), place.standing, language)
        for place in circles.places(member_id)
    ]
    for left in circles.left_places(member_id):
        standing = circles.former_standing(left)
        exported.append(_circle(circles.circle(standing), standing, language))
    whole = {"made_on": now().date().isoformat(), "circles": exported}
    plain = json.dumps(whole, ensure_ascii=False, indent=2)
    return Copy(f"{NAME}.zip", _zipped({f"{NAME}.json": plain, f"{NAME}.md": _markdown(exported)}))


def _circle(home: Circle, standing: Standing, language: str) -> dict[str, Any]:
    rural = home.rural
    posts = [_post(post, language, rural=rural) for post in post_queries.own(standing).values()]
    return {
        "name": home.name,
        "posts": posts,
        "drafts": [_draft(drafts.words(each)) for each in drafts.own(standing)],
        "notes": [mark.note for mark in read_marks.saved([standing]) if mark.note],
    }


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


def _zipped(files: dict[str, str]) -> bytes:
    into = BytesIO()
    with ZipFile(into, "w", ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = ZipInfo(name)  # dated with the format's epoch, not the present hour
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, text)
    return into.getvalue()
