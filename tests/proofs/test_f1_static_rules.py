"""F1. What the code never does: read off its syntax, not off its behaviour."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = {path: ast.parse(path.read_text()) for path in sorted((ROOT / "forum").rglob("*.py"))}
TEMPLATES = {path: path.read_text() for path in sorted((ROOT / "templates").rglob("*.*"))}
MARKUP = {"markup/__init__.py"}  # the one door to Markup; others name the type alone
CHANCE = {"core/chance.py", "app.py", "cli.py", "seeding"}  # where it may be seeded
OF_CONSTANTS = {("care/checks.py", "f'PRAGMA {name}'")}  # a name from a list of our own
HANDLERS = re.compile(r"\son[a-z]+\s*=|\sstyle\s*=|javascript:|<style\b|<script(?![^>]*\bsrc=)")


def name_of(path):
    return str(path.relative_to(ROOT / "forum"))


def calls(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def called(node):
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{each.name}" for each in node.names)


def where(found):
    return sorted({name_of(path) for path, tree in CODE.items() if found(tree)})


def test_static_rules():
    """Fails when a view marks its own text as safe, or a query is put together from a value."""
    assert set(where(lambda tree: any(called(each) == "Markup" for each in calls(tree)))) <= MARKUP
    assert where(lambda tree: {"pickle", "marshal", "shelve"} & set(imported(tree))) == []
    assert (
        where(lambda tree: any(called(each) in {"uuid1", "eval", "exec"} for each in calls(tree)))
        == []
    )
    chance = where(lambda tree: any(each.split(".")[0] == "random" for each in imported(tree)))
    assert {name.partition("/")[0] if "seeding" in name else name for name in chance} <= CHANCE


def test_no_statement_is_put_together_from_a_value():
    """Fails when an f-string is given to `text` or to the driver, but for our own constants."""
    asked = {"text", "execute", "exec_driver_sql", "executescript", "scalar"}
    found = [
        (name_of(path), ast.unparse(argument))
        for path, tree in CODE.items()
        for node in calls(tree)
        if called(node) in asked and "migrations" not in path.parts
        for argument in node.args[:1]
        if isinstance(argument, ast.JoinedStr)
        for value in argument.values
        if isinstance(value, ast.FormattedValue)
        if not re.fullmatch(r"[A-Z_]+|pragma|today", ast.unparse(value.value))
    ]
    assert set(found) <= OF_CONSTANTS


def test_no_secret_is_drawn_from_what_may_be_seeded():
    """Fails when a key, a nonce or a token comes from `chance`."""
    secret = re.compile(r"secret|token|key|nonce|salt|password", re.I)
    found = [
        (name_of(path), ast.unparse(node))
        for path, tree in CODE.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.keyword) and node.value is not None
        if re.search(r"\bchance\(\)|\brandbytes\b", ast.unparse(node.value))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.arg or ""])
        if secret.search(target if isinstance(target, str) else ast.unparse(target))
    ]
    assert found == []


def test_templates_escape_everything_and_hold_no_script_of_their_own():
    """Fails when a template says `safe`, or a tag carries a handler or a style."""
    assert TEMPLATES
    for path, text in TEMPLATES.items():
        assert not re.search(r"\|\s*safe\b|autoescape|\bMarkup\b", text), path
        assert not HANDLERS.search(text), path


def test_the_tie_between_a_name_and_its_holder_has_no_way_back():
    """Fails when anything is called that turns a name into a membership."""
    made = where(lambda tree: any(called(each) == "MaskedHand" for each in calls(tree)))
    assert made == ["authors/queries.py"]
    assert (
        where(
            lambda tree: any(
                called(each) == "resolve"
                for each in calls(tree)
                if "holders" in ast.unparse(each.func)
            )
        )
        == []
    )
