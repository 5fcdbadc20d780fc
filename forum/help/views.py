"""Help pages, open to everyone."""

from flask import Blueprint, render_template

from forum.circles.ground_rules import TEN
from forum.help import pictures, texts
from forum.web.access import public
from forum.web.round_catalogue import catalogue

bp = Blueprint("help", __name__)


@bp.get("/help")
@public
def index() -> str:
    """Short answers, one per task."""
    return render_template("help/index.html", ten=TEN, own=())


@bp.get("/help/example")
@public
def example() -> str:
    """Invented reflection with replies, for newcomers."""
    return render_template("help/example.html")


@bp.get("/help/hidden-names")
@public
def hiding() -> str:
    """Explanation of anonymity and its limits."""
    return render_template("help/hiding.html")


@bp.get("/help/looking-after-a-circle")
@public
def handbook() -> str:
    """Handbook for moderators and facilitators: ways to talk, silence, handing over."""
    known = catalogue()
    return render_template(
        "help/handbook.html",
        ways=[pictures.way(each) for each in known.newest_rounds().values()],
        templates=[each for each in known.newest_templates() if each.use == "composer"],
    )


@bp.get("/help/yourself")
@public
def yourself() -> str:
    """Lines to ring when it is too much, as the operator keeps them."""
    return render_template("help/yourself.html")


@bp.get("/accessibility")
@public
def accessibility() -> str:
    """Accessibility statement."""
    return render_template("help/accessibility.html")


@bp.get("/privacy")
@public
def privacy() -> str:
    """Privacy notice."""
    return render_template("help/privacy.html", text=texts.text("privacy"))


@bp.get("/safety")
@public
def safety() -> str:
    """Limits of confidentiality, and of what the forum can do in danger."""
    return render_template("help/safety.html", text=texts.text("safety"))


@bp.get("/complaints")
@public
def complaints() -> str:
    """Feedback and complaints: to whom, and what happens next."""
    return render_template("help/complaints.html", text=texts.text("complaints"))


@bp.get("/about")
@public
def about() -> str:
    """Page on who runs the service, and of whom it is independent."""
    return render_template("help/about.html", text=texts.text("about"))


@bp.get("/terms")
@public
def terms() -> str:
    """Terms of use."""
    return render_template("help/terms.html", text=texts.text("terms"))
