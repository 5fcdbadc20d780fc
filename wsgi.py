"""What a web server and the worker import."""

from config import from_environment
from forum import create_app
from forum.core.keys import BadRootKey

try:
    app = create_app(from_environment())
except BadRootKey as error:
    raise SystemExit(
        f"{error} must be there, 32 bytes long and readable by its owner alone (mode 0400)."
        " `python -m forum.cli root-key` makes a first one."
    ) from None
