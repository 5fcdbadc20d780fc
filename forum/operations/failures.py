"""Sentences for an operator, where a command fails, in place of a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Error as SqliteError

import click
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from forum.core.errors import Busy
from forum.core.instance_lock import NotNow
from forum.core.keys import BadKeys
from forum.web.logs import places

UNDECODED = "surrogates not allowed"  # of an argument that Python could not decode: PEP 383
NO_TABLES = ("no such table", "no such column", "does not exist")


@contextmanager
def explained() -> Iterator[None]:
    """Turn any failure of the block into a ClickException of one sentence.

    A bug is named by class and place, as in the log: its message may hold texts or keys.
    """
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except UnicodeEncodeError as error:
        if error.reason != UNDECODED:
            raise click.ClickException(sentence(error)) from None
        raise click.UsageError("What you typed holds letters that are not UTF-8.") from None
    except Exception as error:
        raise click.ClickException(sentence(error)) from None


def sentence(error: Exception) -> str:
    """Sentence on what failed, and on how to go on."""
    if isinstance(error, BadKeys | NotNow):
        return str(error)
    if isinstance(error, DBAPIError | SqliteError):
        return _of_database(str(getattr(error, "orig", error)))
    if isinstance(error, RedisError):
        return "Redis cannot be reached: see REDIS_URL in .env."
    if isinstance(error, Busy):
        return "Somebody else is writing, or the disk is full. Try again in a minute."
    if isinstance(error, OSError):
        return f"{error.strerror or type(error).__name__}: {error.filename or 'a file'}."
    return (
        f"This is a mistake of the forum, and nothing you typed: {type(error).__name__} at"
        f" {places(error)}. Please report this line; it holds no words of anybody."
    )


def _of_database(message: str) -> str:
    if any(words in message for words in NO_TABLES):
        return "The database's tables are not those of this release. Run: scripts/forum upgrade"
    first = message.strip().partition("\n")[0]
    return f"The database cannot be used: {first}. See DATABASE_URL in .env, and the disk."
