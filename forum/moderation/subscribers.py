"""What this room does when others announce. Should it fail, the worker does the same."""

from forum.core.db import unit_of_work
from forum.core.events import Listeners, on
from forum.discussions.events import PostMended
from forum.moderation.services import settle_mended


def listen(listeners: Listeners) -> None:
    """Subscribe."""
    on(listeners, PostMended, _tell)


def _tell(event: PostMended) -> None:
    with unit_of_work():
        settle_mended(event.post_id)
