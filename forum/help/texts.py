"""Privacy notice, terms, safety, complaints and "about": the operator's own texts, or templates.

Adopted texts lie in the instance folder as privacy.md, terms.md and so on; templates lie in
docs/legal and mark the gaps to be filled in.
"""

from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from markupsafe import Markup

from forum import markup

TEMPLATES = Path(__file__).parents[2] / "docs" / "legal"


@dataclass(frozen=True, slots=True)
class Text:
    """Rendered text. is_adopted: True if written by the operator."""

    html: Markup
    is_adopted: bool


def text(name: str) -> Text:
    """Text in force. name: of the file, such as `privacy`."""
    own = Path(current_app.config["INSTANCE"], f"{name}.md")
    if own.is_file():
        return Text(_rendered(own), is_adopted=True)
    return Text(_rendered(TEMPLATES / f"{name}.md"), is_adopted=False)


def _rendered(file: Path) -> Markup:
    """HTML of a Markdown file, with settings filled in for braces such as {OPERATOR}."""
    source = file.read_text()
    for setting in ("SITE_NAME", "SITE_URL", "OPERATOR", "CONTACT"):
        known = str(current_app.config[setting])
        source = source.replace(f"{{{setting}}}", known or f"[{setting}: to be filled in]")
    return markup.render(source)
