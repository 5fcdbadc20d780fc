"""Check that docstrings, templates and module names are plain; print what is not, and exit with 1.

`--count` prints how often docstrings use filler words, per 1,000 words, in all or one folder of
`forum`: `scripts/plain_words.py --count circles`.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
# A sentence that leans on the one before cannot be found or quoted alone.
BEGINNINGS = re.compile(r"(?:The same|Those|What|Whether there|That which)\b")
WIDEST = 140  # characters of a template's line: more does not fit beside its page
COUNTED = {  # words per 1,000 of docstrings; each makes a reader ask "which?"
    "what": (re.compile(r"\bwhat\b", re.I), 3),
    "say": (re.compile(r"\b(?:say|says|said|saying|tell|tells|told)\b", re.I), 2),
    "placeholder": (
        re.compile(
            r"\b(?:what|ones?|those|these|that|it|its|others?|same|such|things?|(?:some|any)thing)\b",
            re.I,
        ),
        45,
    ),
}


def docstrings(folder: Path) -> Iterator[tuple[str, str]]:
    """Pairs of (path and name, docstring) of modules, classes and functions below a folder."""
    for path in sorted(folder.rglob("*.py")):
        if "migrations" in path.parts:  # never changed again
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.get_docstring(node)
                if text:
                    yield f"{path.relative_to(ROOT)}:{getattr(node, 'name', 'module')}", text


def count(folder: Path) -> str:
    """One line: filler words per 1,000 words of a folder's docstrings, with their bounds."""
    texts = " ".join(text for _, text in docstrings(folder))
    size = len(re.findall(r"\b\w[\w'-]*", texts)) / 1000
    rates = (f"{k} {len(p.findall(texts)) / size:.1f} (≤ {m})" for k, (p, m) in COUNTED.items())
    return f"{1000 * size:.0f} words: " + ", ".join(rates)


def faults() -> Iterator[str]:
    """Lines to mend, each with its place."""
    for place, text in docstrings(ROOT / "forum"):
        if BEGINNINGS.match(text):
            yield f"{place}: begins with “{text.split()[0]}”"
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if len(line) > WIDEST and ' d="' not in line:  # a drawing is one long number list
                yield f"{path.relative_to(ROOT)}:{number}: {len(line)} characters"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--count"]:
        sys.exit(print(count(ROOT / "forum" / "".join(sys.argv[2:]))))
    found = list(faults())
    print("\n".join(found))
    sys.exit(bool(found))
