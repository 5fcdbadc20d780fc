"""Update forum/translations from the sources: `make translations`.

New sentences are added untranslated, unused ones are dropped, and translated catalogues are
compiled. forum/web/language.py lists the pages offered in a language.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parents[1]
INTO = HERE / "forum" / "translations"
METHODS = [("forum/**.py", "python"), ("templates/**.*", "jinja2.ext.babel_extract")]
KEYWORDS = {
    **{name: None for name in ("_", "_l", "N_", "gettext", "lazy_gettext")},
    **{"ngettext": (1, 2), "pgettext": ((1, "c"), 2), "lazy_pgettext": ((1, "c"), 2)},
}


def main() -> int:
    """Update and compile every language."""
    said = messages()
    for file in sorted(INTO.glob("*/LC_MESSAGES/messages.po")):
        with file.open("rb") as opened:
            catalog = read_po(opened, locale=file.parents[1].name)
        catalog.update(said, no_fuzzy_matching=True, update_header_comment=False)
        catalog.obsolete.clear()
        with file.open("wb") as opened:
            write_po(opened, catalog, width=0, no_location=True, sort_output=True)
        with file.with_suffix(".mo").open("wb") as opened:
            write_mo(opened, catalog)
        missing = [each.id for each in catalog if each.id and not is_translated(each)]
        print(
            f"{file.parents[1].name}: {len(missing)} of {len(catalog)} sentences have no words yet."
        )
        for sentence in missing:
            print(f"  {sentence}")
    return 0


def is_translated(message: Message) -> bool:
    """Whether each form of the sentence has words; babel keeps a tuple of them for plurals."""
    forms = message.string if isinstance(message.string, list | tuple) else [message.string]
    return all(forms)


def messages() -> Catalog:
    """Every translatable sentence in code, pages, templates of reflections and rounds."""
    catalog = Catalog()
    options = {"templates/**.*": {"trimmed": "true"}}
    for folder in ("forum", "templates"):
        methods = [(f"**{pattern.partition('**')[2]}", method) for pattern, method in METHODS
                   if pattern.startswith(folder)]  # fmt: skip
        for _file, _line, message, _comments, context in extract_from_dir(
            HERE / folder, methods, options_map=options, keywords=KEYWORDS
        ):
            catalog.add(message, context=context)
    for sentence in [*_of_definitions(), *_of_checker()]:
        catalog.add(sentence)
    return catalog


def _of_checker() -> list[str]:
    from forum.checker import ADVICE, FACETS, LABELS

    return [*LABELS.values(), *ADVICE.values(), *FACETS.values()]


def _of_definitions() -> list[str]:
    from forum.rounds.catalogue import shipped

    return shipped().sentences()


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    sys.exit(main())
