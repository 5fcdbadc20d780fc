"""What a web server and the worker import."""

from config import from_environment
from forum import create_app

app = create_app(from_environment())
