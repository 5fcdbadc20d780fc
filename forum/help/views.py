"""Pages that explain, open to everyone."""

from flask import Blueprint, render_template

from forum.circles.ground_rules import TEN
from forum.help import texts
from forum.web.access import public

bp = Blueprint("help", __name__)


@bp.get("/help")
@public
def index() -> str:
    """How to do what one does here, each in a few lines."""
    return render_template("help/index.html", ten=TEN, own=())


@bp.get("/help/example")
@public
def example() -> str:
    """An invented reflection with its answers, for whoever has not read one yet."""
    return render_template("help/example.html")


@bp.get("/help/hidden-names")
@public
def hiding() -> str:
    """What anonymity means here, and where it ends."""
    return render_template("help/hiding.html")


@bp.get("/accessibility")
@public
def accessibility() -> str:
    """For whom these pages work, and where they do not yet."""
    return render_template("help/accessibility.html")


@bp.get("/privacy")
@public
def privacy() -> str:
    """The privacy notice."""
    return render_template("help/privacy.html", text=texts.text("privacy"))


@bp.get("/terms")
@public
def terms() -> str:
    """The terms."""
    return render_template("help/terms.html", text=texts.text("terms"))
