"""What a text is about: its words that tell it from others of its circle, as a query."""

from collections import Counter
from math import log

from forum.search.engine.reader import Book
from forum.search.query_parser import Asked, Item
from forum.search.synonyms import LITTLE_KEYS
from forum.search.tokenizer import words

TELLING_MAX = 20  # words
ELSEWHERE = 2  # posts that have a word: with fewer, it leads nowhere else
TITLE = 3  # times that a word of the title counts


def likeness(book: Book, title: str, text: str) -> Asked:
    """The words of a text that say most of what it is about, most telling first.

    They are weighed by how often the text says them, and how rare they are in its circle. Source:
    term frequency and inverse document frequency, Salton and Buckley (1988).
    """
    often = Counter(word.key for word in words(text))
    for word in words(title):
        often[word.key] += TITLE
    worth = {
        key: (1 + log(many)) * log(book.posts / having)
        for key, many in often.items()
        if key not in LITTLE_KEYS and (having := book.having(key)) >= ELSEWHERE
    }
    best = sorted(worth, key=lambda key: (-worth[key], key))[:TELLING_MAX]
    return Asked(words=[Item(key, (key,)) for key in best if worth[key] > 0])
