"""Weights that an operator names: none but the ones that this release is made from are taken."""

import sys
from zipfile import ZipFile

import pytest

from scripts import meaning
from scripts.meaning import VOCABULARY, WEIGHTS


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """An environment without a model, in which nothing can be installed."""
    folder = tmp_path / "environment"
    folder.mkdir()
    monkeypatch.setattr(sys, "prefix", str(folder))
    monkeypatch.setattr(meaning, "_run", lambda *command: pytest.fail(f"was run: {command}"))
    return folder


@pytest.fixture
def refused(environment, monkeypatch):
    """A function that has the script take weights; gives the sentence that it ends with."""

    def refused(weights):
        monkeypatch.setattr(sys, "argv", ["meaning.py", "--weights", str(weights)])
        with pytest.raises(SystemExit) as ended:
            meaning.main()
        assert not [*environment.iterdir()]
        return ended.value.code

    return refused


def package(path, *names):
    with ZipFile(path, "w") as file:
        for name in names:
            file.writestr(f"another_model/model/{name}", b"another's")
    return path


def folder(path, *names):
    path.mkdir()
    for name in names:
        (path / name).write_bytes(b"another's")
    return path


@pytest.mark.parametrize("form", [folder, package])
def test_weights_of_another_model_are_refused_before_anything_is_installed(tmp_path, refused, form):
    named = form(tmp_path / "named", WEIGHTS, VOCABULARY)

    said = refused(named)

    assert said.startswith(f"{WEIGHTS} of {named} is not the one of all-MiniLM-L6-v2")
    assert "its SHA-256 is " in said
    assert said.endswith("No model was made.")


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ("nothing", "named: No such file or directory."),
        ("a text", "is neither a package's file nor a folder."),
        ("no weights", f"{WEIGHTS}: No such file or directory."),
        ("no vocabulary", f"has no {VOCABULARY}."),
    ],
)
def test_a_path_without_weights_is_told_in_a_sentence(tmp_path, refused, form, fault):
    named = tmp_path / "named"
    match form:
        case "a text":
            named.write_text("weights")
        case "no weights":
            folder(named, VOCABULARY)
        case "no vocabulary":
            package(named, WEIGHTS)

    said = refused(named)

    assert fault in said
    assert f"Name the package's file, or a folder with {WEIGHTS} and {VOCABULARY}" in said
