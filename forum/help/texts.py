"""The privacy notice and the terms: the operator's own where there are some, else our templates.

What an operator adopts lies in the instance folder as privacy.md and terms.md; the templates lie in
docs/legal and say where something is still to be filled in.
"""

from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from markupsafe import Markup

from forum import markup

TEMPLATES = Path(__file__).parents[2] / "docs" / "legal"


@dataclass(frozen=True, slots=True)
class Text:
    """A text for everyone: HTML, and whether the operator made it their own."""

    html: Markup
    is_adopted: bool


def text(name: str) -> Text:
    """`privacy` or `terms`, as it holds here."""
    own = Path(current_app.config["INSTANCE"], f"{name}.md")
    if own.is_file():
        return Text(_rendered(own), is_adopted=True)
    return Text(_rendered(TEMPLATES / f"{name}.md"), is_adopted=False)


def _rendered(file: Path) -> Markup:
    """With the settings that it names in braces, such as {OPERATOR}."""
    said = file.read_text()
    for setting in ("SITE_NAME", "SITE_URL", "OPERATOR", "CONTACT"):
        known = str(current_app.config[setting])
        said = said.replace(f"{{{setting}}}", known or f"[{setting}: to be filled in]")
    return markup.render(said)
