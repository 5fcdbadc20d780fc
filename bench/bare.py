"""A bare Flask view to hold the pages against: it returns the bytes of a file and does no more."""

from os import environ
from pathlib import Path

from flask import Flask

PAGE = Path(environ["BENCH_BARE_PAGE"]).read_bytes()

app = Flask(__name__)


@app.get("/")
def page() -> bytes:
    """The same bytes for everyone."""
    return PAGE
