"""The check of names and words, and the numbers of decisions."""

from collections import Counter
from pathlib import Path

from scripts import plain_words

ROOT = Path(__file__).parents[1]


def test_the_glossary_names_code_that_there_is():
    glossary = "`drafts.seen`, `drafts.version`, `circles.queries.enter`, `mail/`, `mail/post.py`"

    assert plain_words.absent(glossary) == ["drafts.seen", "mail/post.py"]


def test_a_module_is_explained_on_the_line_of_its_own_room():
    known = plain_words.explained("| `mail` | `outbox` queue · `smtp` |\n| beside them | `app` |")

    assert known == {"mail": {"outbox", "smtp"}, "beside them": {"app"}}
    assert plain_words.room(ROOT / "forum/mail/views/sent.py") == "mail"
    assert plain_words.room(ROOT / "forum/app.py") == "beside them"


def test_a_docstring_begins_with_no_question():
    texts = "When a round ends.", "Whose row it is.", "Moment at which a round ends."

    assert [bool(plain_words.BEGINNINGS.match(text)) for text in texts] == [True, True, False]


def test_every_decision_has_a_number_of_its_own():
    paths = (ROOT / "docs/decisions").glob("*.md")
    numbers = Counter(path.name.split("-")[0] for path in paths)

    assert [number for number, many in numbers.items() if many > 1] == []
