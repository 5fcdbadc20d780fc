"""Moving typed text from the fields of one template into those of another, losing none of it."""

from collections.abc import Mapping

from forum.rounds.templates import Field, Template


def carried(texts: Mapping[str, str], source: Template | None, target: Template) -> dict[str, str]:
    """Texts of one template as texts of another, or of another version of it.

    texts: field key -> Markdown, choice or blank. source: None where its file is gone; the texts
    then count in their own order. A text goes to the field of its key, else to one of its meaning,
    else into the first; texts that meet in one field stand in source order, a blank line between.
    A choice that the target does not know stays under its old key, where no page shows it.
    """
    fields = {field.key: field for field in (source.fields + source.later if source else ())}
    order = [*(key for key in fields if key in texts), *(key for key in texts if key not in fields)]
    parts: dict[str, list[str]] = {field.key: [] for field in target.fields}
    for key in order:
        if texts[key].strip():
            place = _place(key, texts[key], fields.get(key), target)
            parts.setdefault(place, []).append(texts[key])
    return {key: "\n\n".join(found) for key, found in parts.items()}


def _place(key: str, text: str, field: Field | None, target: Template) -> str:
    """The key under which a text of that key stands in the target."""
    for each in (*target.fields, *target.later):
        if each.key == key and each.takes(text):
            return key
    if field and field.choices and text in field.choices and not _has(target, key):
        return key
    for each in target.fields:
        if field and each.meaning == field.meaning and each.choices is None:
            return each.key
    return target.fields[0].key


def _has(target: Template, key: str) -> bool:
    return any(each.key == key for each in (*target.fields, *target.later))
