"""What a web server and the worker import."""

import sqlite3

from config import from_environment
from forum import create_app
from forum.core.keys import BadKeys
from forum.operations.failures import sentence

try:
    app = create_app(from_environment())
except (BadKeys, OSError, sqlite3.Error) as error:
    raise SystemExit(sentence(error)) from None
