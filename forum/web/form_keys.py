"""Keys of forms that create a row: drawn with the page, so that a form sent twice creates one row.

The form holds `form_key()` in a hidden field of that name; its view passes `created_id()` to the
service, which looks for a row of that id first.
"""

from uuid import UUID

from flask import Flask, g, request

from forum.core.randomness import new_id
from forum.core.tokens import keyed_id

FIELD = "form_key"


def form_key() -> str:
    """Key of the form at hand, 32 hexadecimal digits; a page that comes back keeps its key, unless
    it is spent."""
    sent = "" if g.get("form_key_spent") else request.form.get(FIELD)
    return sent or new_id().hex


def spend_key() -> None:
    """Let the page that comes back draw a new key: what the sent one created is gone."""
    g.form_key_spent = True


def created_id() -> UUID:
    """Id for the row that the sent form creates: equal at each sending.

    It is made from the form's key, the URL and all fields, so changed words create a further row.
    The account is no part of it: a row's id reveals nothing of its writer. A form without a key
    gets a random id.
    """
    key = request.form.get(FIELD, "")
    if not key:
        return new_id()
    typed = sorted(pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token")
    return keyed_id(request.path, *(part for pair in typed for part in pair))


def init_app(app: Flask) -> None:
    """Let templates draw keys."""
    app.add_template_global(form_key)
