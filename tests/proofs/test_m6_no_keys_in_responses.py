"""M6. What ties a name to its holder never leaves the server, in no spelling and not in part."""

from base64 import b64encode, urlsafe_b64encode

from sqlalchemy import select

from forum.authors.models import Author
from forum.circles import answering_rota
from forum.circles.models import ClosingVoice, Membership, Turn
from forum.core.db import db, unit_of_work
from forum.discussions.models import Acknowledgement, Draft, ReadMark
from forum.moderation.models import Flag
from forum.policy.terms import MASKS
from tests.routes import knock, parts_of, routes_of
from tests.world import EVENING

SPELT = (
    bytes.hex,
    lambda key: key.hex().upper(),
    lambda key: b64encode(key).decode(),
    lambda key: urlsafe_b64encode(key).decode(),
)
LEAST = 8  # bytes of a key that would tell it apart


def keys_of(world):
    """Every secret of a membership, and every key and mark that was made of one."""
    columns = (
        *(Author.holder_key, Draft.mark, ReadMark.reader, Acknowledgement.mark, Flag.mark),
        *(Turn.mark, ClosingVoice.mark),
    )
    with world.app.app_context():
        made = [key for column in columns for key in db.session.scalars(select(column))]
        return made + [each.mask_secret for each in db.session.scalars(select(Membership))]


def spellings(keys):
    """Each key's first and last bytes, as they may be written."""
    parts = {part for key in keys for part in (key[:LEAST], key[-LEAST:])}
    return {spell(part).rstrip("=")[:-1].encode() for part in parts for spell in SPELT} | parts


def take_turns(world):
    """Have a round go on in Rose, and two names on its rota."""
    with world.app.test_request_context():
        mo, ray = world.standing("mo"), world.standing("ray")
        with unit_of_work():
            answering_rota.set_rhythm(mo, 2)
            answering_rota.put_on(mo)
            answering_rota.put_on(ray)


def test_no_keys_in_responses(world, figure):
    """Fails when a page of a thread, or of the rota, holds the first bytes of such a key."""
    for mode in MASKS:
        post_id = world.reply("ray", "From behind", mode)
    take_turns(world)
    parts = parts_of(world) | {"post_id": post_id}
    world.moment, before = EVENING, keys_of(world)  # some go with what is pressed
    answers = [
        knock(world.client(who), method, url)
        for who in ("mo", "ray", "lee")
        for _, method, url in routes_of(world, parts, who)
        if method == "GET" or who == "mo"
    ]

    known = spellings(before + keys_of(world))
    said = [answer.data + str(answer.headers).encode() for answer in answers]
    assert [spelt for spelt in known if any(spelt in each for each in said)] == []
    figure(f"{len(answers)} answers hold none of {len(known)} spellings")
