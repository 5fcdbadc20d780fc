"""What a web server and the worker import."""

from config import from_environment
from forum import create_app
from forum.core.keys import BadKeys

try:
    app = create_app(from_environment())
except BadKeys as error:
    raise SystemExit(str(error)) from None
