"""D1 with searching by meaning on: vectors, which tell what a text is about, are kept as words are.

These run with the model itself, where it is installed.
"""

import base64
import tempfile

import numpy as np
import pytest

from config import Config
from forum.core.errors import SealBroken
from forum.core.keys import key_ring
from forum.policy.terms import AuthorMode
from forum.search.engine.vectors import packed
from forum.search.sentence_encoder import MiniLm
from tests.proofs.test_d1_canary_bytes import SHAPES, write_everywhere
from tests.search.searching import folder, found, rows_kept, withdraw
from tests.search.stand_in import catch_up
from tests.search.test_near_draft import HEADING, look
from tests.search.test_sentence_encoder import LETTER, needs_model
from tests.world import EVENING, World

pytestmark = needs_model
ALIKE = 0.97  # cosine: so near is the same text, rounded to eight bits
DRAFT = (
    "The bereaved father asked me why nobody had rung him back about the scan. I had meant to,"
    " between two home visits, and it went out of my mind until I saw his name on the list."
)


class Noting:
    """The model, with a note of each text and vector."""

    def __init__(self):
        self._model, self.made = MiniLm(Config.MEANING), {}
        self.version = self._model.version

    def get(self, *, quiet=False):
        return self

    def vector(self, text):
        self.made[text] = self._model.vector(text)
        return self.made[text]


@pytest.fixture
def model(world):
    world.app.extensions["encoder"] = noting = Noting()
    return noting


def spellings(vector):
    """Ways in which a vector may lie in a file: a row, longer numbers, and as text."""
    row = packed(vector)
    plain = [row, vector.tobytes(), vector.astype(np.float16).tobytes()]
    return [
        *(each[:48] for each in plain),
        *(base64.b64encode(each)[:48] for each in plain),
        *(each[:32].hex().encode() for each in plain),
        ",".join(map(str, np.frombuffer(row, np.int8)[:16])).encode(),
        ", ".join(map(str, vector[:4].tolist())).encode(),
    ]


def nearest(world, vector, circle="rose"):
    """The highest cosine of a vector with any that is kept of a circle."""
    rows = [np.frombuffer(row, np.int8).astype(float) for row in rows_kept(world, circle)]
    return max((float(row @ vector / np.linalg.norm(row)) for row in rows), default=-1.0)


def test_canary_bytes_with_meaning(world, model, caplog, monkeypatch, figure):
    """Fails when a vector of a post, a draft or a query is kept as it was computed, or logged."""
    caplog.set_level(0)
    passing = world.folder / "passing"
    passing.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(passing))

    words = write_everywhere(world)
    catch_up(world)
    assert "Lapwingish" in world.client("mo").search("a bird by the water").text

    files = {path: path.read_bytes() for path in world.files()}
    assert any(path.suffix == ".vectors" for path in files)
    told = [text for text in model.made if any(word in text for word in words)]
    assert len(told) >= 2  # the reflection as a draft, and as a post
    for text, vector in model.made.items():
        for planted in spellings(vector):
            assert not [path.name for path, kept in files.items() if planted in kept], text
            assert planted.decode("latin-1") not in caplog.text
    for word in words:
        for shape in SHAPES:
            planted = shape(word).encode("latin-1")
            assert not [path.name for path, kept in files.items() if planted in kept], word
        assert word not in caplog.text
    figure(f"{len(model.made)} vectors in none of {len(files)} files")


def test_a_withdrawn_posts_vector_is_gone(world, model):
    """Fails when a file with the vector outlives the post, read or not."""
    reply_id = world.reply("ray", LETTER)
    world.reply("fay", "We changed how repeat prescriptions are signed.")
    catch_up(world)
    assert nearest(world, model.made[LETTER]) > ALIKE
    assert found(world, "mo", "afraid of opening the post")[0] == LETTER

    withdraw(world, "ray", reply_id)

    assert nearest(world, model.made[LETTER]) < ALIKE
    catch_up(world)
    assert nearest(world, model.made[LETTER]) < ALIKE
    assert LETTER not in found(world, "mo", "afraid of opening the post")
    assert len(rows_kept(world)) == 2


@pytest.mark.proof("M1")
def test_a_masked_draft_leaves_no_vector_anywhere(world, model):
    """Fails when what was computed before posting, or before its slot, is kept."""
    thread_id = world.present("fay", "The scan", f"{DRAFT} She said it kindly.")
    catch_up(world)
    kept = rows_kept(world)

    client, address = look(world, text=DRAFT, mode="circle_voice")
    looked = client.get(address).text
    world.reply("ray", DRAFT, AuthorMode.THREAD_PSEUDONYM)  # waits for its slot
    catch_up(world)

    drafts = [text for text in model.made if DRAFT in text and "She said" not in text]
    assert drafts == [f"A day\n\n{DRAFT}"]
    assert HEADING in looked
    assert f"/threads/{thread_id}" in looked
    assert rows_kept(world) == kept
    files = {path: path.read_bytes() for path in world.files()}
    for planted in spellings(model.made[drafts[0]]):
        assert not [path.name for path, content in files.items() if planted in content]

    world.moment = EVENING
    catch_up(world)
    assert nearest(world, model.made[DRAFT]) > ALIKE  # so it would have been seen


@pytest.mark.proof("D2")
def test_vectors_of_two_circles_are_apart(world, model):
    """Fails when a vector is kept in another circle's folder, or under another's key."""
    texts = {
        "rose": ["A hard morning.", LETTER],
        "oak": [DRAFT, "We changed how repeat prescriptions are signed."],
    }
    world.reply("ray", LETTER)
    for text in texts["oak"]:
        world.present("nan", "Ours", text, circle="oak")
    catch_up(world)

    vector = {text: made for text, made in model.made.items() for text in [text.split("\n\n")[-1]]}
    for circle, other in (("rose", "oak"), ("oak", "rose")):
        assert len(rows_kept(world, circle)) == len(texts[circle])
        assert all(nearest(world, vector[text], circle) > ALIKE for text in texts[circle])
        assert all(nearest(world, vector[text], circle) < ALIKE for text in texts[other])
        for path in folder(world, circle).glob("*.vectors"):
            sealed, place = path.read_bytes(), f"v1|index|{path.name}|{world.ids[other]}"
            with world.app.app_context():
                key = key_ring().circle(world.ids[other])
            with pytest.raises(SealBroken):
                key.open(sealed, place)
    asked = {LETTER: "afraid of opening the post", DRAFT: "a father whom nobody rang back"}
    assert found(world, "mo", asked[LETTER])[0] == LETTER
    assert LETTER not in found(world, "nan", asked[LETTER], "oak")
    assert found(world, "nan", asked[DRAFT], "oak")[0] == DRAFT
    assert DRAFT not in found(world, "mo", asked[DRAFT])


@pytest.fixture
def world(tmp_path):
    return World(tmp_path, MEANING=Config.MEANING)
