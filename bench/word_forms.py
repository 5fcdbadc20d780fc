"""Recall of a word's other forms: `python -m bench.word_forms FILE` prints a table.

FILE holds real texts, see `reports`; a thousand of them are posted into a circle of a throw-away
instance. Families are words of these texts that inflection and suffixes of English join, by rules
of spelling and no stemmer: stop, stops, stopped; dehydrate, dehydrated, dehydration. A
query is one form; every text with any form of its family is to be found. Beside it stand thirty
plain searches of a general practice, each in a form that its post does not have. Whoosh as it
comes and SQLite's FTS5, each with its Porter stemmer, answer the same.
"""

import argparse
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import NamedTuple
from uuid import UUID

from whoosh.analysis import StemmingAnalyzer
from whoosh.fields import ID, TEXT, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.qparser import OrGroup, QueryParser

from bench.instance import Instance
from bench.relevance import posted
from config import Config
from forum.search.queries import ranked
from forum.search.query_parser import parse
from forum.search.services import build
from forum.search.vector_jobs import catch_up

DOCUMENTS = 1_000
QUERIES = 300
DEPTH = 10  # documents; a family in more of them asks for another yardstick
BASE_MIN = 4  # letters
VOWELS = (
    *("able", "al", "ance", "ant", "ation", "ence", "ent", "er", "ic"),
    *("ion", "ism", "ist", "ity", "ive", "ize", "or", "ous"),
)
CONSONANTS = ("ful", "less", "ly", "ment", "ness")
PLAIN = """
refer: She was referred on Monday
admit: They admitted him overnight
plan: A planned visit
stopped: I should stop the statin
dehydration: He was dehydrated
constipation: Constipated for a week
hypothyroidism: Hypothyroid for years
hesitation: I hesitated at the door
vaccinated: Vaccination was declined
worry: She worried all night
bruises: One bruise on the shin
sedate: A sedated child in the car
vomit: Vomiting since Tuesday
infected: The infection came back
prescribed: I would prescribe it again
pregnancy: Pregnant at forty-four
allergic: An allergy to penicillin
anxious: Anxiety at every visit
septic: Missed sepsis in a toddler
ulcerated: An ulcer on the heel
falls: He fell in the bath
biopsies: The biopsy was benign
diagnoses: My diagnosis was wrong
swollen: Swelling of both ankles
miscarried: A miscarriage at ten weeks
suicidal: Suicide of a patient
obese: Obesity clinic closed
died: Dying at home
complaint: He complained to the board
apologise: An apology in writing
"""

Search = Callable[[str], Sequence[str]]  # a query to documents, best first


class Documents(NamedTuple):
    """Texts by id, and for each family of words the documents that have a form of it."""

    texts: dict[str, str]
    families: list[tuple[list[str], set[str]]]

    @classmethod
    def read(cls, path: Path, chance: Random) -> "Documents":
        """A thousand texts of a file."""
        rows = [json.loads(line)["text"] for line in path.read_text().splitlines()]
        chosen = chance.sample(rows, min(DOCUMENTS, len(rows)))
        texts = {str(number): text for number, text in enumerate(chosen)}
        having = defaultdict[str, set[str]](set)
        for number, text in texts.items():
            for word in set(re.findall(r"(?<!\w)[a-z]+(?!\w)", text.lower())):
                having[word].add(number)
        return cls(texts, list(_families(having)))

    def queries(self, chance: Random) -> list[tuple[str, set[str]]]:
        """Words to ask, each with the documents of its family, one at least without the word."""
        asked = []
        for forms, documents in self.families:
            if len(documents) <= DEPTH:
                asked.append((chance.choice(forms), documents))
        return chance.sample(asked, min(QUERIES, len(asked)))


def inflections(base: str) -> Iterator[str]:
    """Regular forms of a word, as English spells them. Source: Quirk et al. (1985), 3.5 to 3.10."""
    if re.search(r"[^aeiou]y$", base):
        yield from (f"{base[:-1]}ies", f"{base[:-1]}ied", f"{base}ing")
    elif base.endswith("e"):
        yield from (f"{base}s", f"{base}d", f"{base[:-1]}ing")
    elif re.search(r"(?:s|x|z|ch|sh)$", base):
        yield from (f"{base}es", f"{base}ed", f"{base}ing")
    else:
        yield from (f"{base}s", f"{base}ed", f"{base}ing")
        if re.search(r"[^aeiou][aeiou][bdglmnprt]$", base):
            yield from (f"{base}{base[-1]}ed", f"{base}{base[-1]}ing")


def derivatives(base: str) -> Iterator[str]:
    """Words made of a word by a suffix. Source: levels 3 to 6 of Bauer and Nation, Word Families
    (1993), without suffixes of one letter."""
    if len(base) > BASE_MIN:
        stem = base.removesuffix("e")
        yield from (f"{stem}{suffix}" for suffix in VOWELS)
        yield from (f"{base}{suffix}" for suffix in CONSONANTS)
        yield from (f"{base[:-1]}ic{suffix}" for suffix in ("", "al", "ally") if base[-1] == "y")


def main(path: Path) -> None:
    """Measure, and print."""
    chance = Random(7)  # noqa: S311  # nothing drawn is a secret
    documents = Documents.read(path, chance)
    queries = documents.queries(chance)
    plain = [line.split(": ") for line in PLAIN.strip().splitlines()]
    posts = {word: text for word, text in plain}
    print(f"{len(documents.families)} families, {len(queries)} asked\n")
    print("| | recall@10 | families found whole | plain searches |\n|---|---|---|---|")
    systems = [("the forum", _forum), ("Whoosh", _whoosh), ("FTS5", _fts5)]
    if Config.MEANING.exists():
        systems.insert(1, ("the forum, by meaning too", partial(_forum, meaning=True)))
    for name, system in systems:
        with TemporaryDirectory() as reports, TemporaryDirectory() as circle:
            search = system(documents.texts, Path(reports))
            recalls = [_recall(search(word), wanted) for word, wanted in queries]
            search = system(posts, Path(circle))
            found = sum(word in search(word) for word in posts)
        whole = sum(recall == 1 for recall in recalls)
        cells = (f"{fmean(recalls):.4f}", f"{whole} of {len(recalls)}", f"{found} of {len(posts)}")
        print(f"| {name} |", " | ".join(cells), "|", flush=True)


def _families(having: dict[str, set[str]]) -> Iterator[tuple[list[str], set[str]]]:
    """Words tied by inflection, also by way of others: record, recording, recordings."""
    family_of = dict[str, list[str]]()
    for base in sorted(having):
        forms = [form for form in (*inflections(base), *derivatives(base)) if form in having]
        if len(base) >= BASE_MIN and forms:
            joined = [word for form in (base, *forms) for word in family_of.get(form, [form])]
            family = list(dict.fromkeys(joined))
            family_of |= {word: family for word in family}  # one list for all
    for family in {id(family): family for family in family_of.values()}.values():
        yield family, set().union(*(having[form] for form in family))


def _recall(found: Sequence[str], wanted: set[str]) -> float:
    return len(wanted.intersection(found[:DEPTH])) / len(wanted)


def _forum(texts: dict[str, str], folder: Path, *, meaning: bool = False) -> Search:
    instance = Instance(folder, meaning=meaning)
    with instance.app.app_context():
        rows = [{"id": number, "title": "Report", "text": text} for number, text in texts.items()]
        document_of = posted(instance, rows)
        build(instance.circle_id)
        catch_up(lambda: False)

    def search(query: str) -> list[str]:
        with instance.app.app_context():
            found = ranked([instance.standing()], parse(query), "best").found
        return list(dict.fromkeys(document_of[UUID(one.id)] for one in found))

    return search


def _whoosh(texts: dict[str, str], _: Path) -> Search:
    schema = Schema(id=ID(stored=True), text=TEXT(analyzer=StemmingAnalyzer()))
    index = RamStorage().create_index(schema)
    writer = index.writer()
    for number, text in texts.items():
        writer.add_document(id=number, text=text)
    writer.commit()
    parser, searcher = QueryParser("text", schema, plugins=[], group=OrGroup), index.searcher()
    return lambda query: [hit["id"] for hit in searcher.search(parser.parse(query), limit=DEPTH)]


def _fts5(texts: dict[str, str], _: Path) -> Search:
    table = sqlite3.connect(":memory:")
    table.execute("CREATE VIRTUAL TABLE t USING fts5(id UNINDEXED, x, tokenize='porter unicode61')")
    table.executemany("INSERT INTO t VALUES (?, ?)", texts.items())
    asked = "SELECT id FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?"
    return lambda query: [row[0] for row in table.execute(asked, (query, DEPTH))]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.word_forms")
    parser.add_argument("file", type=Path)
    main(parser.parse_args().file)
