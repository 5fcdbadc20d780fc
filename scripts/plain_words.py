"""Check that docstrings, templates and module names are plain; print faults, and exit with 1.

`--count` prints filler words per 1,000 words of docstrings, in all or one folder of `forum`:
`scripts/plain_words.py --count circles`.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
# A sentence that leans on the one before cannot be found or quoted alone.
BEGINNINGS = re.compile(
    r"(?:The same|Those|What|Whether there|Whether any of these|That which|Whose"
    r"|How|When|Where|Which|Who|Why"
    r"|After|Among|As|Before|Behind|Below|Beside|Between|By|For|From|In|Into|Of|On|Out|Over"
    r"|Through|To|Under|With|Without)\b"  # nor does a preposition tell what is given
)
WIDEST = 140  # characters of a template's line: more does not fit beside its page
# Names that Flask and this forum's layout explain; any other needs a line in the glossary.
PLAIN = {"__init__", "events", "forms", "jobs", "models", "phrases", "queries", "services"}
PLAIN |= {"subscribers", "views"}
COUNTED = {  # word -> (pattern, most per 1,000): each makes a reader ask "which?"
    "what": (r"what", 3),
    "say": (r"say|says|said|saying|tell|tells|told", 2),
    "placeholder": (r"what|ones?|th[eo]se|that|its?|others?|same|such|(?:some|any)?things?", 45),
}


def modules(folder: str) -> Iterator[Path]:
    """Python files below a folder, without migrations, which never change again."""
    found = sorted((ROOT / folder).rglob("*.py"))
    yield from (each for each in found if "migrations" not in each.parts)


def docstrings(folder: str) -> Iterator[tuple[str, str]]:
    """Pairs (path and name, docstring) of modules, classes and functions."""
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for path in modules(folder):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, kinds) and (text := ast.get_docstring(node)):
                yield f"{path.relative_to(ROOT)}:{getattr(node, 'name', 'module')}", text


def count(folder: str) -> dict[str, float]:
    """Filler words per 1,000 words of a folder's docstrings."""
    texts = " ".join(text for _, text in docstrings(folder))
    size = len(re.findall(r"\b\w[\w'-]*", texts)) / 1000
    found = {k: len(re.findall(rf"\b(?:{p})\b", texts, re.I)) for k, (p, _) in COUNTED.items()}
    return {kind: number / size for kind, number in found.items()}


def room(path: Path) -> str:
    """The room of a module; "beside them" for a module of none."""
    inside = path.relative_to(ROOT / "forum").parts
    return inside[0] if len(inside) > 1 else "beside them"


def explained(glossary: str) -> dict[str, set[str]]:
    """Module names that the glossary explains, by room."""
    lines = re.findall(r"^\| `?([\w ]+)`? \| (.+) \|$", glossary, re.M)
    return {name: set(re.findall(r"`(\w+)`", line)) for name, line in lines}


def absent(glossary: str) -> list[str]:
    """Dotted names and paths in the glossary for which there is no code, in its order."""
    defined = set[tuple[str, str]]()
    for path in modules("forum"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                defined.add((path.stem, node.name))
    named = re.findall(r"`(?:\w+\.)*(\w+)\.(\w+)`", glossary)
    lost = [".".join(pair) for pair in named if pair not in defined and pair[1] != "py"]
    paths = re.findall(r"`(\w+/[\w/.]*)`", glossary)
    return lost + [p for p in paths if not any((ROOT / top / p).exists() for top in ("forum", ""))]


def faults() -> Iterator[str]:
    """Faults, each with its place."""
    for place, text in (each for top in ("forum", "bench", "scripts") for each in docstrings(top)):
        if BEGINNINGS.match(text):
            yield f"{place}: begins with “{text.split()[0]}”"
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if len(line) > WIDEST and ' d="' not in line:  # a drawing is one list of numbers
                yield f"{path.relative_to(ROOT)}:{number}: {len(line)} characters"
    glossary = (ROOT / "docs/glossary.md").read_text()
    known = explained(glossary)
    for path in modules("forum"):
        if path.stem not in PLAIN | known.get(room(path), set()):
            yield f"{path.relative_to(ROOT)}: not on its room's line in docs/glossary.md"
    yield from (f"docs/glossary.md: no `{name}` in forum" for name in absent(glossary))
    for kind, rate in count("forum").items():
        if rate > COUNTED[kind][1]:
            yield f"docstrings of forum: {kind} {rate:.1f} per 1,000 words (≤ {COUNTED[kind][1]})"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--count"]:
        if not (ROOT / "forum" / "/".join(sys.argv[2:])).is_dir():
            sys.exit(f"forum has no room {'/'.join(sys.argv[2:])}")
        rates = count("/".join(["forum", *sys.argv[2:]]))
        sys.exit(
            print(*(f"{kind} {rate:.1f} (≤ {COUNTED[kind][1]})" for kind, rate in rates.items()))
        )
    found = list(faults())
    print("\n".join(found))
    sys.exit(bool(found))
