"""Transfer of typed text between the fields of two templates, without loss."""

from collections.abc import Mapping

from forum.rounds.templates import Field, Template


def carried(texts: Mapping[str, str], source: Template | None, target: Template) -> dict[str, str]:
    """Texts of a template as texts of another template or version.

    texts: field key -> Markdown, choice or blank. source: None without its file; texts then keep
    their own order. A text goes to the field of its key, else of its meaning, else to the first;
    texts meeting in a field are joined in source order by a blank line. A choice that the target
    does not ask for is left out: its value is no text of anybody's.
    """
    fields = {field.key: field for field in (source.fields + source.later if source else ())}
    order = [*(key for key in fields if key in texts), *(key for key in texts if key not in fields)]
    parts: dict[str, list[str]] = {field.key: [] for field in target.fields}
    for key in order:
        place = _place(key, texts[key], fields.get(key), target) if texts[key].strip() else None
        if place is not None:
            parts.setdefault(place, []).append(texts[key])
    return {key: "\n\n".join(found) for key, found in parts.items()}


def _place(key: str, text: str, field: Field | None, target: Template) -> str | None:
    """The target's key for a source key; None for a choice that it does not ask for."""
    for each in (*target.fields, *target.later):
        if each.key == key and each.takes(text):
            return key
    if field and field.choices and text in field.choices and not _has(target, key):
        return None
    for each in target.fields:
        if field and each.meaning == field.meaning and each.choices is None:
            return each.key
    return target.fields[0].key


def _has(target: Template, key: str) -> bool:
    return any(each.key == key for each in (*target.fields, *target.later))
