"""Every text field of every form is checked, or named as exempt."""

from importlib import import_module
from pathlib import Path

import pytest
from wtforms.fields.core import UnboundField

import forum
from forum.discussions.forms import reflection_form
from forum.rounds.catalogue import shipped
from forum.web.forms import Form
from forum.web.typed_texts import CHECKED, EXEMPT, is_text, text_fields, treatment

ROOMS = sorted(path.parent.name for path in Path(forum.__path__[0]).glob("*/forms.py"))


def forms():
    """Form classes of all rooms, those without fields of their own left out."""
    for room in ROOMS:
        for kind in vars(import_module(f"forum.{room}.forms")).values():
            is_ours = isinstance(kind, type) and issubclass(kind, Form) and kind is not Form
            if is_ours and kind.__module__ == f"forum.{room}.forms":
                yield kind


def fields_of(kind):
    unbound = {name: getattr(kind, name) for name in dir(kind) if not name.startswith("_")}
    bound = {
        name: each.bind(Form(meta={"csrf": False}), name)
        for name, each in unbound.items()
        if isinstance(each, UnboundField)
    }
    return [name for name, field in bound.items() if is_text(field)]


def test_every_text_field_is_checked_or_named_as_exempt(world):
    """Fails when a form gets a text field that neither list has."""
    with world.app.test_request_context():
        listed = [treatment(kind, name) for kind in forms() for name in fields_of(kind)]
        listed += [
            treatment(type(form), name)
            for form in map(reflection_form, (each.key for each in shipped().newest_templates()))
            for name, _field in text_fields(form)
        ]

    assert len(listed) > 25


def test_a_field_on_no_list_is_refused(world):
    kind = type("NewForm", (Form,), {"__module__": "forum.discussions.forms"})

    with pytest.raises(LookupError, match=r"discussions\.NewForm\.words is neither"):
        treatment(kind, "words")


def test_no_line_is_without_its_field(world):
    """Fails when a field is renamed and its line stays behind."""
    with world.app.test_request_context():
        there = {f"{k.__module__.split('.')[1]}.{k.__name__}.{n}" for k in forms()
                 for n in fields_of(k)}  # fmt: skip
    there |= {"discussions.ReflectionForm.field_*", "discussions.imports.title"}
    there |= {"discussions.imports.text", "offboarding.export.posts"}
    stale = [each for each in CHECKED | EXEMPT if not each.endswith("*") and each not in there]

    assert not stale
