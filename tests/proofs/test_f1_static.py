"""F1. The code holds no shortcut around what is promised, as far as reading it can tell."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = sorted((ROOT / "forum").rglob("*.py"))
# Not a page but a letter: no policy of ours reaches mail programs, and they fetch no sheet.
MAY_BRING_A_STYLE = {"templates/notifications/digest.html: <style"}
TEMPLATES = sorted((ROOT / "templates").rglob("*"))
# Where a text becomes HTML: after both sanitisers, and in the picture that is drawn from numbers.
MAY_MAKE_MARKUP = {"forum/markup/sanitizers.py", "forum/markup/__init__.py"}
SQL = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b")
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve"}
FORBIDDEN_NAMES = {"uuid1", "getnode", "eval", "exec"}
# What is drawn and may be seen, or invented.
CHANCE = {"forum/core/randomness.py", "forum/app.py", "forum/cli.py"}


def parsed():
    for path in CODE:
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def calls(tree):
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def name_of(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


@pytest.mark.proof("F1")
def test_static_rules():
    """Fails when a view trusts a text as HTML, or an id is drawn from a clock."""
    wrong = []
    for path, tree in parsed():
        for module, name in imports(tree):
            if module.split(".")[0] in FORBIDDEN_MODULES or name in FORBIDDEN_NAMES:
                wrong.append(f"{path} imports {module} {name}")
            if module == "random" and path not in CHANCE and not path.startswith("forum/seeding/"):
                wrong.append(f"{path} draws from random")
            if name == "Markup" and not path.startswith("forum/markup"):
                used = [each for each in calls(tree) if name_of(each) == "Markup"]
                wrong += [f"{path} makes Markup in line {each.lineno}" for each in used]
        wrong += [
            f"{path} calls {name_of(c)}" for c in calls(tree) if name_of(c) in FORBIDDEN_NAMES
        ]
    assert not wrong


@pytest.mark.proof("F1")
def test_no_statement_is_put_together_from_words():
    """Fails when a value is written into SQL instead of being bound to it: in braces, with a per
    cent sign or `format`, or joined on with a plus."""
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in parsed()
        if not path.startswith("forum/migrations")
        for node in ast.walk(tree)
        if SQL.search(put_together(node))
    ]
    assert not wrong


def put_together(node):
    """What is said in plain of a text that holds something else besides; "" for any other."""
    match node:
        case ast.JoinedStr(values=parts) if any(isinstance(x, ast.FormattedValue) for x in parts):
            return "".join(str(x.value) for x in parts if isinstance(x, ast.Constant))
        case ast.BinOp(op=ast.Add() | ast.Mod(), left=left, right=right):
            return "".join(map(plain, (left, right)))
        case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant(value=str(text)))):
            return text
    return ""


def plain(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@pytest.mark.proof("F1")
def test_only_authors_opens_holders():
    """Fails when a room but authors asks whose an author row is."""
    wrong = [
        path
        for path, tree in parsed()
        if not path.startswith("forum/authors/")
        for module, name in imports(tree)
        if f"{module}.{name}".startswith("forum.authors.holders")
    ]
    assert not wrong


@pytest.mark.proof("F1")
def test_templates_hold_nothing_inline_and_trust_nothing():
    """Fails when a template says `|safe`, or carries a script, a style or a handler of its own."""
    inline = re.compile(
        r"\|\s*safe\b|autoescape\s+false|\bon[a-z]+\s*=\s*[\"']|\sstyle\s*=|<style\b"
        r"|<script(?![^>]*\ssrc=)|javascript:",
        re.IGNORECASE,
    )
    wrong = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in TEMPLATES
        if path.suffix in {".html", ".svg", ".txt"}
        for found in inline.finditer(path.read_text())
    ]
    assert len(TEMPLATES) > 40
    assert set(wrong) == MAY_BRING_A_STYLE
    assert len(wrong) == len(MAY_BRING_A_STYLE)
