"""Pagination of lists."""

from collections.abc import Sequence
from typing import TypeVar

from flask import request

from forum.core.errors import NotFound

PAGE_MAX = 1000

Item = TypeVar("Item")


def page_asked() -> int:
    """Page number of the query string, from 1. Raises NotFound if malformed or above PAGE_MAX."""
    value = request.args.get("page", "1")
    if not (value.isascii() and value.isdigit() and len(value) <= 4):
        raise NotFound
    page = int(value)
    if not 1 <= page <= PAGE_MAX:
        raise NotFound
    return page


def pages_of(number: int, each: int) -> int:
    """Number of pages of a list, at least 1. each: items a page."""
    return max(1, -(-number // each))


def slice_of(items: Sequence[Item], page: int, each: int) -> tuple[Sequence[Item], int]:
    """Items of a page, and the number of pages. Raises NotFound past the last page."""
    last = pages_of(len(items), each)
    if page > last:
        raise NotFound
    return items[(page - 1) * each : page * each], last
