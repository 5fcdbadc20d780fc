"""A bare Flask view as a baseline for pages: it returns the bytes of a file."""

from os import environ
from pathlib import Path

from flask import Flask

PAGE = Path(environ["BENCH_BARE_PAGE"]).read_bytes()

app = Flask(__name__)
app.config["LOCKS_URL"] = ""  # as of a forum on one host


@app.get("/")
def page() -> bytes:
    """Constant bytes."""
    return PAGE
