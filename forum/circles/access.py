"""Access to the views of a circle: a member's standing, passed in place of the circle's id."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from flask_login import current_user

from forum.circles.queries import enter
from forum.policy.standing import Standing

P = ParamSpec("P")
R = TypeVar("R")


def in_circle(view: Callable[Concatenate[Standing, P], R]) -> Callable[..., R]:
    """Mark a view as open to members of the circle in its URL, and pass their standing first.

    Strangers get 404, as for an absent circle. Place below all other decorators of the view.
    """

    @wraps(view)
    def entered(circle_id: UUID, *args: P.args, **values: P.kwargs) -> R:
        return view(enter(current_user.id, circle_id), *args, **values)

    return entered
