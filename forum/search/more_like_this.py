"""Terms that set a text apart in its circle, as a query."""

from collections import Counter
from math import log

from forum.search.engine.reader import IndexReader
from forum.search.query_parser import Clause, ParsedQuery
from forum.search.synonyms import STOP_TERMS
from forum.search.tokenizer import tokenize

TELLING_MAX = 20  # words
ELSEWHERE = 2  # posts that have a word: with fewer, it leads nowhere else
TITLE = 3  # times that a word of the title counts


def telling_terms(reader: IndexReader, title: str, text: str) -> ParsedQuery:
    """Terms of a text with the highest weight, highest first, as a query.

    Source: term frequency and inverse document frequency, Salton and Buckley (1988).
    """
    frequencies = Counter(word.term for word in tokenize(text))
    for word in tokenize(title):
        frequencies[word.term] += TITLE
    worth = {
        term: (1 + log(many)) * log(reader.posts / posts)
        for term, many in frequencies.items()
        if term not in STOP_TERMS and (posts := reader.doc_frequency(term)) >= ELSEWHERE
    }
    best = sorted(worth, key=lambda term: (-worth[term], term))[:TELLING_MAX]
    return ParsedQuery(words=[Clause(term, (term,)) for term in best if worth[term] > 0])
